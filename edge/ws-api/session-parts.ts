import type { OperationMetrics } from "../http/metrics.ts";
import type { HandlerParts } from "../http/operation-handler.ts";
import type { Operation } from "../operation.ts";
import type { UserEventHub } from "./user-event-hub.ts";

/** What all sessions of an edge share. */
export interface SessionParts extends HandlerParts {
	readonly hub: UserEventHub;
	/** By name, without "v3/". */
	readonly operations: ReadonlyMap<string, Operation>;
	/** Counts of a method; one for all unknown ones. */
	metricsOf(method: string): OperationMetrics;
}
