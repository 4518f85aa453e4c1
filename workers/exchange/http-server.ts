import { SERVE_OPTIONS } from "../../db/machine/serve-options.ts";
import type { Edge } from "../../edge/app.ts";
import {
	isWsApi,
	upgradeToWsApi,
	type WsApiData,
	wsApiSockets,
} from "../../edge/entry/bun-ws-api.ts";
import { urlOf } from "../../edge/entry/listening.ts";
import { pathOf } from "../../schemas/api/url-parts.ts";
import type { StreamsConnection } from "../streams/connection.ts";
import type { StreamsWorker } from "../streams/worker.ts";

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
		...SERVE_OPTIONS,
		// The edge refuses a large body with Binance's words; this only bounds what is read at all.
		maxRequestBodySize: listen.maxBodyBytes * 4,
		idleTimeout: 60,
		fetch(request, server) {
			const ip = server.requestIP(request)?.address ?? "";
			if (isWsApi(request)) {
				return upgradeToWsApi(edge, request, ip, (data) => server.upgrade(request, { data }));
			}
			if (streams.handles(pathOf(request.url))) return streams.upgrade(request);
			return edge.fetch(request, { ip });
		},
		websocket: {
			...streams.socketOptions,
			sendPings: true,
			idleTimeout: 120,
			open(ws) {
				if (ws.data.kind === "streams") streams.websocket.open(ws as never);
				else wsApiSockets.open(edge, ws as never);
			},
			message(ws, message) {
				if (ws.data.kind === "streams") streams.websocket.message(ws as never, message);
				else wsApiSockets.message(ws as never, message);
			},
			ping(ws) {
				if (ws.data.kind === "streams") streams.websocket.ping(ws as never);
			},
			pong(ws, payload) {
				if (ws.data.kind === "streams") streams.websocket.pong(ws as never, payload);
				else wsApiSockets.pong(ws as never, payload);
			},
			close(ws, code) {
				if (ws.data.kind === "streams") streams.websocket.close(ws as never, code);
				else wsApiSockets.close(ws as never);
			},
		},
	});
	streams.start(server as never);
	return {
		url: urlOf(listen.hostname, server.port as number),
		async stop(graceMs) {
			const finished = server.stop();
			const late = new Promise((resolve) => setTimeout(resolve, graceMs));
			await Promise.race([finished, late]);
			await server.stop(true);
		},
	};
}
