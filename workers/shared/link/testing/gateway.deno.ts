/** A gateway under Deno, for tests: prints its port. */
import { showsLinkToken } from "../../../../edge/link/link-token.ts";
import { LINK_PATH } from "../../../../schemas/link/messages.ts";
import { answer, TEST_TOKEN, testGateway } from "./gateway-routes.ts";

/** What of Deno is used here. */
declare const Deno: {
	serve(
		options: {
			readonly hostname: string;
			readonly port: number;
			onListen(address: { readonly port: number }): void;
		},
		handle: (request: Request) => Response | Promise<Response>,
	): void;
	upgradeWebSocket(request: Request): { readonly socket: WebSocket; readonly response: Response };
};

const gateway = testGateway();
const listen = {
	hostname: "127.0.0.1",
	port: 0,
	onListen: ({ port }: { readonly port: number }) => console.log(port),
};
Deno.serve(listen, (request) => {
	const { pathname } = new URL(request.url);
	if (pathname !== LINK_PATH) return answer(gateway, pathname);
	if (!showsLinkToken(request.headers, TEST_TOKEN)) return new Response(null, { status: 401 });
	const { socket, response } = Deno.upgradeWebSocket(request);
	socket.onopen = () => {
		const link = gateway.open({
			send: (frame) => socket.send(frame),
			close: (code, reason) => socket.close(code, reason),
		});
		socket.onmessage = ({ data }) => link.receive(String(data));
		socket.onclose = () => link.closed();
	};
	return response;
});
