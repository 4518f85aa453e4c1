import { NOBODY } from "../auth/signed.ts";
import type { Connection, PlainRoute } from "../plain-route.ts";
import { toApiError } from "./errors.ts";
import { jsonHeaders } from "./headers.ts";
import type { OperationMetrics } from "./metrics.ts";
import { errorResponse, type HandlerParts } from "./operation-handler.ts";

/** A route that is no call of the API: counted, limited, logged; what it answers is its own. */
export class PlainHandler {
	private readonly parts: HandlerParts;
	private readonly route: PlainRoute;
	private readonly metrics: OperationMetrics;

	constructor(parts: HandlerParts, route: PlainRoute, metrics: OperationMetrics) {
		this.parts = parts;
		this.route = route;
		this.metrics = metrics;
	}

	async handle(
		request: Request,
		path: Readonly<Record<string, string>>,
		connection: Connection,
	): Promise<Response> {
		const { services, limits } = this.parts;
		const { ip } = connection;
		const startedMs = services.clock.monotonicMs();
		let response: Response;
		try {
			if (this.route.limited !== false) {
				limits.admit(ip);
				limits.charge(ip, this.route.weight ?? 1);
			}
			response = await this.route.respond(services, request, path, connection);
		} catch (error) {
			const told = toApiError(error, services, this.metrics.name, false);
			response = errorResponse(told, jsonHeaders(limits.usedWeight(ip)));
		}
		const ms = services.clock.monotonicMs() - startedMs;
		this.metrics.observe(response.status, ms);
		this.parts.log.write({
			method: this.route.method,
			path: this.route.path,
			operation: this.metrics.name,
			status: response.status,
			ms,
			ip,
			authenticated: NOBODY,
			outcome: null,
		});
		return response;
	}
}
