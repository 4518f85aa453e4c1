import type { Edge } from "../../edge/app.ts";
import { pathOf } from "../../edge/http/target.ts";
import type { WsApiSession, WsConnection } from "../../edge/ws-api/socket.ts";
import type { StreamsConnection } from "../streams/connection.ts";
import type { StreamsWorker } from "../streams/worker.ts";

/** A connection to /ws-api/v3, as Bun keeps it. */
interface WsApiData {
	readonly kind: "ws-api";
	readonly connection: WsConnection;
	session: WsApiSession | null;
}

type SocketData = WsApiData | StreamsConnection;

export interface HttpServer {
	/** "http://127.0.0.1:3000" */
	readonly url: string;
	/** Takes no more connections; requests under way are finished, for at most this long. */
	stop(graceMs: number): Promise<void>;
}

/** The one port: REST and documents from the edge, /ws-api/v3 from the edge, streams beside them. */
export function serveHttp(
	edge: Edge,
	streams: StreamsWorker,
	listen: { readonly hostname: string; readonly port: number; readonly maxBodyBytes: number },
): HttpServer {
	const server = Bun.serve<SocketData>({
		hostname: listen.hostname,
		port: listen.port,
		// The edge refuses a large body with Binance's words; this only bounds what is read at all.
		maxRequestBodySize: listen.maxBodyBytes * 4,
		idleTimeout: 60,
		fetch(request, server) {
			const path = pathOf(request.url);
			const ip = server.requestIP(request)?.address ?? "";
			if (path === "/ws-api/v3") return openWsApi(edge, request, ip, server);
			if (streams.handles(path)) return streams.upgrade(request);
			return edge.fetch(request, { ip });
		},
		websocket: {
			...streams.socketOptions,
			sendPings: true,
			idleTimeout: 120,
			open(ws) {
				const { data } = ws;
				if (data.kind === "streams") return streams.websocket.open(ws as never);
				const socket = {
					send: (text: string) => void ws.send(text),
					close: (code: number, reason: string) => ws.close(code, reason),
				};
				data.session = edge.openWsApi(socket, data.connection);
			},
			message(ws, message) {
				const { data } = ws;
				if (data.kind === "streams") return streams.websocket.message(ws as never, message);
				if (typeof message === "string") data.session?.receive(message);
				else ws.close(1003, "text frames only");
			},
			ping(ws) {
				if (ws.data.kind === "streams") streams.websocket.ping(ws as never);
			},
			pong(ws) {
				if (ws.data.kind === "streams") streams.websocket.pong(ws as never);
			},
			close(ws, code) {
				const { data } = ws;
				if (data.kind === "streams") streams.websocket.close(ws as never, code);
				else data.session?.closed();
			},
		},
	});
	streams.start(server as never);
	return {
		url: `http://${shownHost(listen.hostname)}:${server.port}`,
		async stop(graceMs) {
			const finished = server.stop();
			const late = new Promise((resolve) => setTimeout(resolve, graceMs));
			await Promise.race([finished, late]);
			await server.stop(true);
		},
	};
}

function openWsApi(
	edge: Edge,
	request: Request,
	ip: string,
	server: Bun.Server<SocketData>,
): Response | undefined {
	const query = new URL(request.url).search.slice(1);
	const connection: WsConnection = { ip, query, headers: request.headers };
	const refused = edge.admitWsApi(connection);
	if (refused !== null) return refused;
	if (server.upgrade(request, { data: { kind: "ws-api", connection, session: null } })) return;
	return new Response("This address takes WebSocket connections only.", { status: 426 });
}

/** Every address is written as the one that a person would type. */
function shownHost(hostname: string): string {
	if (hostname === "0.0.0.0" || hostname === "::") return "127.0.0.1";
	return hostname.includes(":") ? `[${hostname}]` : hostname;
}
