import { lookup } from "node:dns/promises";
import { LINK_PATH } from "../../../schemas/link/messages.ts";
import type { Dial } from "./dialer.ts";

/** Dials over Bun's WebSocket client, which can show a token when it asks for the upgrade. */
export function bunDial(token: string): Dial {
	return {
		async resolve(host) {
			const found = await lookup(host, { all: true });
			return found.map(({ address }) => address);
		},
		dial({ host, port }, handlers) {
			const name = host.includes(":") ? `[${host}]` : host;
			const socket = new WebSocket(`ws://${name}:${port}${LINK_PATH}`, {
				headers: { authorization: `Bearer ${token}` },
				perMessageDeflate: false,
			} as never);
			socket.onopen = () =>
				handlers.opened({
					send: (frame) => socket.send(frame),
					close: (code, reason) => socket.close(code, reason),
				});
			socket.onmessage = ({ data }) => handlers.received(String(data));
			socket.onclose = ({ code, reason }) => handlers.closed(`${code} ${reason}`);
			return () => socket.close();
		},
	};
}
