import { KeyCache } from "./auth/key-cache.ts";
import { Authenticator } from "./auth/signed.ts";
import { Calls } from "./call.ts";
import { clientAddress } from "./http/client-address.ts";
import { healthRoutes } from "./http/health.ts";
import { EdgeMetrics } from "./http/metrics.ts";
import type { HandlerParts } from "./http/operation-handler.ts";
import { RequestLog } from "./http/request-log.ts";
import { buildRouter } from "./http/router.ts";
import { IpLimits } from "./limits/ip-limits.ts";
import type { Operation } from "./operation.ts";
import type { Connection, PlainRoute } from "./plain-route.ts";
import type { EdgeServices } from "./services.ts";

/** The edge of the exchange, for whatever serves HTTP and WebSocket in this runtime. */
export interface Edge {
	/** Answers any request; never rejects. */
	fetch(request: Request, connection: Connection): Promise<Response>;
	/** Takes back its subscriptions. */
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
	const keys = new KeyCache(services.users, services.secretBox, clock, services.pubsub);
	const parts: HandlerParts = {
		services,
		limits,
		authenticator: new Authenticator(keys, services.signatures, clock),
		calls: new Calls(services, limits),
		log: new RequestLog(services.logger, settings.logOneIn),
	};
	const metrics = new EdgeMetrics();
	const metricsPage: PlainRoute = {
		method: "GET",
		path: "/metrics",
		limited: false,
		respond: () =>
			new Response(metrics.text(gauges()) + services.metrics(), {
				headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
			}),
	};
	const gauges = () => ({
		edge_limit_refusals_total: limits.refused,
		edge_limit_bans_total: limits.banned,
		edge_limit_addresses: limits.addresses,
	});
	const router = buildRouter(parts, operations, [...healthRoutes, metricsPage, ...pages], metrics);
	return {
		async fetch(request, connection) {
			const ip = clientAddress(request.headers, connection.ip, settings.trustForwardedFor);
			return await router.fetch(request, { ip });
		},
		close() {
			keys.close();
		},
	};
}
