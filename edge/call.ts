import { safeParse } from "valibot";
import type { Caller, OrderCount, Outcome } from "../schemas/ports/account-service.ts";
import type { Authenticated } from "./auth/signed.ts";
import { NOBODY } from "./auth/signed.ts";
import { EngineWait } from "./engine-wait.ts";
import { parameterError } from "./http/errors.ts";
import type { ParameterValues } from "./http/parameters.ts";
import type { IpLimits } from "./limits/ip-limits.ts";
import type { Operation, OperationContext } from "./operation.ts";
import type { EdgeServices } from "./services.ts";

/** Charged for a call that failed before its weight was known. */
const LEAST_WEIGHT = 1;
/** Connecting to /ws-api/v3, logging on, subscribing. */
export const SESSION_WEIGHT = 2;

/** One call on its way, over REST or WebSocket: who calls, and what it has cost. */
export class Call implements OperationContext {
	readonly services: EdgeServices;
	readonly ip: string;
	authenticated: Authenticated = NOBODY;
	orderCounts: readonly OrderCount[] = [];
	/** What the account worker answered to an order call. */
	outcome: Outcome<unknown> | null = null;
	/** Weight to take if it fails from here on; 0 once it is taken. */
	owedOnFailure = LEAST_WEIGHT;

	constructor(services: EdgeServices, ip: string) {
		this.services = services;
		this.ip = ip;
	}

	get caller(): Caller {
		return this.authenticated.caller;
	}

	get apiKey(): string {
		return this.authenticated.apiKey;
	}

	/** The account worker refused it, since its key is revoked. */
	get isOfRevokedKey(): boolean {
		return this.outcome?.ok === false && this.outcome.refusal.reason === "keyRevoked";
	}

	reportOrderCounts(counts: readonly OrderCount[]): void {
		this.orderCounts = counts;
	}

	reportOutcome(outcome: Outcome<unknown>): void {
		this.outcome = outcome;
	}
}

/** True for order calls: what they do stays done, and a signature may ask for it once only. */
export function changesOrders(operation: Operation): boolean {
	return operation.security === "trade" && operation.http[0]?.method !== "GET";
}

/** Whoever is told how a call ended: one of the two, once. */
export interface Reply {
	succeed(result: unknown): void;
	fail(error: unknown): void;
}

/** Runs operations: parameters, weight, the wait for an answer. */
export class Calls {
	private readonly limits: IpLimits;
	private readonly engineWait: EngineWait;

	constructor(services: EdgeServices, limits: IpLimits) {
		this.limits = limits;
		this.engineWait = new EngineWait(services.settings.engineWaitMs, services.scheduler);
	}

	/** Its result, or what `begin` throws and tells. */
	run(call: Call, operation: Operation, values: ParameterValues): Promise<unknown> {
		return new Promise((succeed, fail) => this.begin(call, operation, values, { succeed, fail }));
	}

	/**
	 * Hands the call on, and tells the reply how it ended. After a failure, `call.owedOnFailure` is what
	 * is still to be charged.
	 *
	 * @throws ApiError for wrong parameters or too much weight; then the reply is told nothing
	 */
	begin(call: Call, operation: Operation, values: ParameterValues, reply: Reply): void {
		const parsed = safeParse(operation.params, values);
		if (!parsed.success) throw parameterError(parsed.issues[0]);
		const weight = operation.weight(parsed.output);
		if (operation.freeOnSuccess) {
			call.owedOnFailure = weight;
		} else {
			call.owedOnFailure = 0;
			this.limits.charge(call.ip, weight);
		}
		const answer = operation.run(call, parsed.output);
		if (operation.security !== "none") return this.engineWait.within(answer, reply);
		answer.then(
			(result) => reply.succeed(result),
			(error: unknown) => reply.fail(error),
		);
	}
}
