import { pathOf, queryOf } from "../../schemas/api/url-parts.ts";
import type { Edge } from "../app.ts";
import { WS_API_PATH, type WsApiSession, type WsConnection } from "../ws-api/socket.ts";
import { webSocketsOnly } from "./web-sockets-only.ts";

/** A connection to it, as Bun keeps it. */
export interface WsApiData {
	readonly kind: "ws-api";
	readonly connection: WsConnection;
	session: WsApiSession | null;
}

/** True for requests to `upgradeToWsApi`. */
export function isWsApi(request: Request): boolean {
	return pathOf(request.url) === WS_API_PATH;
}

/** Upgrades a request, or says what to answer instead. */
export function upgradeToWsApi(
	edge: Edge,
	request: Request,
	ip: string,
	upgrade: (data: WsApiData) => boolean,
): Response | undefined {
	const query = queryOf(request.url);
	const connection: WsConnection = { ip, query, headers: request.headers };
	const refused = edge.admitWsApi(connection);
	if (refused !== null) return refused;
	if (upgrade({ kind: "ws-api", connection, session: null })) return;
	return webSocketsOnly();
}

/** Bun.serve's handlers for these connections. */
export const wsApiSockets = {
	open(edge: Edge, ws: Bun.ServerWebSocket<WsApiData>): void {
		const socket = {
			send: (text: string) => void ws.send(text),
			close: (code: number, reason: string) => ws.close(code, reason),
			heart: { ping: (payload: string) => void ws.ping(payload), cut: () => ws.terminate() },
		};
		ws.data.session = edge.openWsApi(socket, ws.data.connection);
	},
	message(ws: Bun.ServerWebSocket<WsApiData>, message: string | Uint8Array): void {
		if (typeof message === "string") ws.data.session?.receive(message);
		else ws.close(1003, "text frames only");
	},
	pong(ws: Bun.ServerWebSocket<WsApiData>, payload: Buffer): void {
		ws.data.session?.pong(payload.toString());
	},
	close(ws: Bun.ServerWebSocket<WsApiData>): void {
		ws.data.session?.closed();
	},
};
