import { SESSION_WEIGHT } from "../call.ts";
import { clientAddress } from "../http/client-address.ts";
import { toApiError } from "../http/errors.ts";
import { jsonHeaders } from "../http/headers.ts";
import type { EdgeMetrics, OperationMetrics } from "../http/metrics.ts";
import { errorResponse, type HandlerParts } from "../http/operation-handler.ts";
import type { Operation } from "../operation.ts";
import { SESSION_METHOD_NAMES, Session } from "./session.ts";
import type { SessionParts } from "./session-parts.ts";
import { sessionOptions, type WsApiSession, type WsConnection, type WsSocket } from "./socket.ts";
import { UserEventHub } from "./user-event-hub.ts";

/** /ws-api/v3: admits connections and keeps their sessions. */
export class WsApi {
	private readonly parts: SessionParts;
	private readonly sessions = new Set<Session>();
	private onEmpty: () => void = () => {};

	constructor(parts: HandlerParts, operations: readonly Operation[], metrics: EdgeMetrics) {
		const { pubsub, scheduler } = parts.services;
		const byName = new Map<string, Operation>();
		for (const operation of operations) {
			for (const name of operation.ws) byName.set(name, operation);
		}
		this.parts = {
			...parts,
			hub: new UserEventHub(pubsub, scheduler),
			operations: byName,
			metricsOf: metricsByMethod(metrics, [...byName.keys(), ...SESSION_METHOD_NAMES]),
		};
	}

	get connections(): number {
		return this.sessions.size;
	}

	admit(connection: WsConnection): Response | null {
		const { limits, services } = this.parts;
		const ip = this.address(connection);
		try {
			limits.admitConnection(ip, SESSION_WEIGHT);
			sessionOptions(connection.query);
			return null;
		} catch (error) {
			const told = toApiError(error, services, "ws-api connection", false);
			return errorResponse(told, jsonHeaders(limits.usedWeight(ip)));
		}
	}

	open(socket: WsSocket, connection: WsConnection): WsApiSession {
		const session = new Session(
			this.parts,
			socket,
			this.address(connection),
			sessionOptions(connection.query),
			(closed) => this.forget(closed),
		);
		this.sessions.add(session);
		return session;
	}

	/** Every session takes nothing more; resolves when all are answered and closed. */
	leave(): Promise<void> {
		for (const session of [...this.sessions]) session.leave("server shutdown");
		return new Promise((resolve) => {
			this.onEmpty = resolve;
			if (this.sessions.size === 0) resolve();
		});
	}

	close(): void {
		void this.leave();
		for (const session of [...this.sessions]) session.cut();
		this.parts.hub.close();
	}

	private forget(session: Session): void {
		this.sessions.delete(session);
		if (this.sessions.size === 0) this.onEmpty();
	}

	private address({ headers, ip }: WsConnection): string {
		const { trustForwardedFor } = this.parts.services.settings;
		return clientAddress(headers ?? new Headers(), ip, trustForwardedFor);
	}
}

/** Unknown methods are counted together: clients could name any number of them. */
function metricsByMethod(
	metrics: EdgeMetrics,
	methods: readonly string[],
): (method: string) => OperationMetrics {
	const known = new Map(methods.map((method) => [method, metrics.of(`ws ${method}`)]));
	const unknown = metrics.of("ws unknown");
	return (method) => known.get(method) ?? unknown;
}
