import type { GenericSchema } from "valibot";
import type { Caller, OrderCount, Outcome } from "../schemas/ports/account-service.ts";
import type { EdgeServices } from "./services.ts";

/**
 * Who may call: `none` anyone; `key` a known API key, unsigned (user data streams by listenKey);
 * `read` and `trade` a signed request of a key with that scope.
 */
export type Security = "none" | "key" | "read" | "trade";

export type HttpMethod = "GET" | "POST" | "PUT" | "DELETE";

/** What an operation knows of the request besides its parameters. */
export interface OperationContext {
	readonly services: EdgeServices;
	/** Who calls; userId 0 where `security` is none. */
	readonly caller: Caller;
	/** The key the caller used; "" where `security` is none. */
	readonly apiKey: string;
	readonly ip: string;
	/** Counts of the `ORDERS` limit after a successful order, for X-MBX-ORDER-COUNT-*. */
	reportOrderCounts(counts: readonly OrderCount[]): void;
	/** What the account worker answered to an order call, for the request's line in the log. */
	reportOutcome(outcome: Outcome<unknown>): void;
}

/**
 * One call of the API. REST routes, WebSocket methods, request weights and the OpenAPI document all
 * come from this one description; nothing about a call stands elsewhere.
 *
 * `run` throws ApiError, at once or as a rejection, for whatever the client is told as an error.
 */
export interface Operation<P = unknown> {
	/** Its place in the OpenAPI document: "trading", "market data", … and one line of what it does. */
	readonly group: string;
	readonly summary: string;
	readonly http: readonly { readonly method: HttpMethod; readonly path: string }[];
	/** Its methods on /ws-api/v3: "order.place"; none for calls that only REST has. */
	readonly ws: readonly string[];
	readonly security: Security;
	/** Request weight. */
	weight(params: P): number;
	/** Binance charges successful order calls nothing; failed ones the weight. */
	readonly freeOnSuccess: boolean;
	/**
	 * Parameters as they come: every value a text, empty ones left out, unknown names dropped. Its
	 * output is what `run` gets.
	 */
	readonly params: GenericSchema<unknown, P>;
	/** What it answers, for the OpenAPI document. */
	readonly result: GenericSchema;
	run(context: OperationContext, params: P): Promise<unknown>;
}

/** Keeps the type of the parameters between `params` and `run`. */
export function operation<P>(description: Operation<P>): Operation<P> {
	return description;
}
