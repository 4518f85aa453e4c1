import { groupedByMetric } from "../schemas/prometheus-text.ts";
import { KeyCache } from "./auth/key-cache.ts";
import { Authenticator } from "./auth/signed.ts";
import { Calls } from "./call.ts";
import { clientAddress } from "./http/client-address.ts";
import { healthRoutes } from "./http/health.ts";
import { goElsewhere, lastAnswer } from "./http/leaving.ts";
import { EdgeMetrics } from "./http/metrics.ts";
import { metricsPage } from "./http/metrics-page.ts";
import type { HandlerParts } from "./http/operation-handler.ts";
import { RequestLog } from "./http/request-log.ts";
import { Router } from "./http/router.ts";
import { withHost } from "./http/with-host.ts";
import { IpLimits } from "./limits/ip-limits.ts";
import { shareWeights } from "./limits/shared-weights.ts";
import type { Operation } from "./operation.ts";
import type { Connection, PlainRoute } from "./plain-route.ts";
import type { EdgeServices } from "./services.ts";
import { userRoutes } from "./users/routes.ts";
import type { WsApiSession, WsConnection, WsSocket } from "./ws-api/socket.ts";
import { WsApi } from "./ws-api/ws-api.ts";

/** The edge of the exchange, for whatever serves HTTP and WebSocket in this runtime. */
export interface Edge {
	/** Answers any request; never rejects. */
	fetch(request: Request, connection: Connection): Promise<Response>;
	/**
	 * Asks for a connection to /ws-api/v3, before the upgrade: null to go on, else what to answer
	 * instead. Connecting costs a weight of 2.
	 */
	admitWsApi(connection: WsConnection): Response | null;
	/** The connection is open. Feed its frames to what this gives. */
	openWsApi(socket: WsSocket, connection: WsConnection): WsApiSession;
	/** Prometheus text of the edge, and of the process as its services tell. */
	metrics(): string;
	/**
	 * Tells its clients to leave, each by its next answer, and lets nobody open a WebSocket; resolves when what
	 * WebSocket clients asked is answered, and they are closed.
	 */
	leave(): Promise<void>;
	/** Closes the WebSocket clients that are left, and takes back the edge's own subscriptions. */
	close(): void;
}

/**
 * @param operations everything that the API can do
 * @param pages routes that are no calls: documents, the web page
 */
export function createEdge(
	services: EdgeServices,
	operations: readonly Operation[],
	pages: readonly PlainRoute[] = [],
): Edge {
	const { settings, clock } = services;
	const limits = new IpLimits(settings, clock);
	const sharing = settings.sharesWeights ? shareWeights(limits, services) : () => {};
	const keys = new KeyCache(services.users, services.secretBox, clock, services.pubsub);
	const parts: HandlerParts = {
		services,
		limits,
		authenticator: new Authenticator(keys, services.signatures, clock),
		calls: new Calls(services, limits),
		log: new RequestLog(services.logger, settings.logOneIn),
	};
	const metrics = new EdgeMetrics();
	const text = () => groupedByMetric(metrics.text(gauges()) + services.metrics());
	const gauges = () => ({
		castle_edge_limit_refusals_total: limits.refused,
		castle_edge_limit_bans_total: limits.banned,
		castle_edge_limit_addresses: limits.addresses,
		castle_edge_ws_api_connections: wsApi.connections,
	});
	const router = new Router(
		parts,
		operations,
		[...healthRoutes, metricsPage(text), ...userRoutes(services, keys), ...pages],
		metrics,
	);
	const wsApi = new WsApi(parts, operations, metrics);
	let isLeaving = false;
	return {
		fetch(request, connection) {
			const ip = clientAddress(request.headers, connection.ip, settings.trustForwardedFor);
			const answer = router.fetch(withHost(request), ip);
			return isLeaving ? answer.then(lastAnswer) : answer;
		},
		admitWsApi: (connection) => (isLeaving ? goElsewhere() : wsApi.admit(connection)),
		openWsApi: (socket, connection) => wsApi.open(socket, connection),
		metrics: text,
		leave() {
			isLeaving = true;
			return wsApi.leave();
		},
		close() {
			sharing();
			wsApi.close();
			keys.close();
		},
	};
}
