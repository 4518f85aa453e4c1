import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import type { Reply } from "./client.ts";
import type { ModelOrder } from "./referee/model-order.ts";

/** "Used before": of a signature that was sent twice, the first sending may have been taken. */
const SIGNATURE_SEEN = -1022;
/** Statuses of orders that have ended. */
export const ENDED: ReadonlySet<string> = new Set([
	"FILLED",
	"CANCELED",
	"EXPIRED",
	"EXPIRED_IN_MATCH",
]);
/** A client's patience, ms. */
const PATIENCE_MS = 4_000;

/** Whether it may have been done or not. A signature that was seen before: its first sending may have. */
export function isUnknown({ status, code }: Reply): boolean {
	return status === 0 || status === 503 || code === SIGNATURE_SEEN;
}

export function lotsOf(order: ModelOrder, quantity: string): number {
	return Math.round(Number(quantity) / Number(order.spec.lotSize));
}

/** In units of 10^-8: the API writes every number with 8 decimals. */
export function unitsOf(text: string): bigint {
	return BigInt(text.replace(".", ""));
}

/** null when no answer comes in a while, or none but an error. */
export function within<T>(time: Scheduler, answer: Promise<T>): Promise<T | null> {
	return new Promise((resolve) => {
		const cancel = time.after(PATIENCE_MS, () => resolve(null));
		const end = (value: T | null): void => {
			cancel();
			resolve(value);
		};
		answer.then(end, () => end(null));
	});
}
