/// <reference lib="deno.ns" />

import { pathOf, queryOf } from "../../schemas/api/url-parts.ts";
import { LINK_PATH } from "../../schemas/link/messages.ts";
import type { Edge } from "../app.ts";
import type { Gateway } from "../link/gateway.ts";
import { showsLinkToken } from "../link/link-token.ts";
import type { EdgeSettings } from "../settings.ts";
import { WS_API_PATH, type WsConnection } from "../ws-api/socket.ts";
import { BACKPRESSURE_LIMIT_BYTES, type Listening, type ListenOn } from "./listening.ts";
import { webSocketsOnly } from "./web-sockets-only.ts";

/** Deno pings by itself: after half of this without a message, and waits as long for the pong. */
const IDLE_TIMEOUT_S = 40;

/** REST, documents and /ws-api/v3 under Deno. */
export function serveEdge(edge: Edge, _settings: EdgeSettings, listen: ListenOn): Listening {
	return serve(listen, (request, ip) =>
		pathOf(request.url) === WS_API_PATH
			? openWsApi(edge, request, ip)
			: edge.fetch(request, { ip }),
	);
}

/** The private port where workers dial in, under Deno. */
export function serveLinks(
	gateway: Gateway,
	listen: ListenOn & { readonly token: string },
): Listening {
	return serve(listen, (request) => {
		if (pathOf(request.url) !== LINK_PATH) return new Response(null, { status: 404 });
		if (!showsLinkToken(request.headers, listen.token)) return new Response(null, { status: 401 });
		if (!wantsWebSocket(request)) return new Response(null, { status: 426 });
		const { socket, response } = Deno.upgradeWebSocket(request);
		let link: ReturnType<Gateway["open"]> | null = null;
		socket.onopen = () => {
			link = gateway.open({
				send: (frame) => socket.send(frame),
				close: (code, reason) => socket.close(code, reason),
			});
		};
		socket.onmessage = ({ data }) => link?.receive(String(data));
		socket.onclose = () => link?.closed();
		return response;
	});
}

function openWsApi(edge: Edge, request: Request, ip: string): Response {
	const query = queryOf(request.url);
	// A copy: the request's own throw once it is closed, which may be before the socket opens.
	const connection: WsConnection = { ip, query, headers: new Headers(request.headers) };
	const refused = edge.admitWsApi(connection);
	if (refused !== null) return refused;
	if (!wantsWebSocket(request)) return webSocketsOnly();
	const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: IDLE_TIMEOUT_S });
	let session: ReturnType<Edge["openWsApi"]> | null = null;
	socket.onopen = () => {
		const out = {
			send(text: string) {
				if (socket.readyState !== WebSocket.OPEN) return;
				socket.send(text);
				if (socket.bufferedAmount <= BACKPRESSURE_LIMIT_BYTES) return;
				session?.closed();
				socket.close(1008, "too much left unread");
			},
			close: (code: number, reason: string) => socket.close(code, reason),
		};
		session = edge.openWsApi(out, connection);
	};
	socket.onmessage = ({ data }) => {
		if (typeof data === "string") session?.receive(data);
		else socket.close(1003, "text frames only");
	};
	socket.onclose = () => session?.closed();
	return response;
}

/** Whether it has all that Deno's upgrade would throw without. */
function wantsWebSocket({ headers }: Request): boolean {
	const connection = headers.get("connection")?.toLowerCase().split(",") ?? [];
	return (
		headers.get("upgrade")?.toLowerCase() === "websocket" &&
		connection.some((option) => option.trim() === "upgrade") &&
		headers.has("sec-websocket-key")
	);
}

function serve(
	{ hostname, port }: ListenOn,
	answer: (request: Request, ip: string) => Response | Promise<Response>,
): Listening {
	const server = Deno.serve({ hostname, port, onListen: () => {} }, (request, { remoteAddr }) =>
		answer(request, (remoteAddr as Deno.NetAddr).hostname),
	);
	return {
		port: (server.addr as Deno.NetAddr).port,
		async stop(graceMs) {
			const late = new Promise((resolve) => setTimeout(resolve, graceMs));
			await Promise.race([server.shutdown(), late]);
		},
	};
}
