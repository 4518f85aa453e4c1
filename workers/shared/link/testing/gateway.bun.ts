/** A gateway under Bun, for tests: prints its port. */
import type { GatewayLink } from "../../../../edge/link/gateway.ts";
import { showsLinkToken } from "../../../../edge/link/link-token.ts";
import { LINK_PATH } from "../../../../schemas/link/messages.ts";
import { answer, TEST_TOKEN, testGateway } from "./gateway-routes.ts";

const gateway = testGateway();
const server = Bun.serve<{ link: GatewayLink | null }>({
	hostname: "127.0.0.1",
	port: 0,
	fetch(request, server) {
		const { pathname } = new URL(request.url);
		if (pathname !== LINK_PATH) return answer(gateway, pathname);
		if (!showsLinkToken(request.headers, TEST_TOKEN)) return new Response(null, { status: 401 });
		return server.upgrade(request, { data: { link: null } })
			? undefined
			: new Response(null, { status: 426 });
	},
	websocket: {
		open(socket) {
			socket.data.link = gateway.open({
				send: (frame) => void socket.send(frame),
				close: (code, reason) => socket.close(code, reason),
			});
		},
		message: (socket, frame) => socket.data.link?.receive(String(frame)),
		close: (socket) => socket.data.link?.closed(),
	},
});
console.log(server.port);
