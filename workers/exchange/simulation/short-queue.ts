import { type AccountSettings, defaultAccountSettings } from "../../accounts/settings.ts";

/** The queue of account workers that has a small bound in a seed, so that calls are shed there. */
export type ShortQueue =
	| "none"
	| "orders"
	| "cancels"
	| "transfers"
	| "write-behind"
	| "signatures"
	| "client ids";

/** Every second seed has one. */
export function shortQueueOf(random: { pick<T>(list: readonly T[]): T }): ShortQueue {
	const rest = ["none", "none", "none", "none", "none", "none"] as const;
	return random.pick([...SHORT_QUEUES, ...rest]);
}

export const SHORT_QUEUES = [
	...(["orders", "cancels", "transfers", "write-behind"] as const),
	...(["signatures", "client ids"] as const),
];

/** Large enough for what users do when nothing stands still. */
const BOUNDS: Readonly<Record<ShortQueue, Partial<AccountSettings>>> = {
	none: {},
	orders: { maxWaitingOrders: 6 },
	cancels: { maxWaitingCancels: 3 },
	transfers: { maxUncommittedTransfers: 16 },
	"write-behind": { maxLagMs: 500 },
	signatures: { maxSignatures: 60 },
	"client ids": { maxClientOrderIdsPerUser: 80 },
};

/** What of an account worker's settings a short queue changes. */
export function boundsOf(short: ShortQueue): Partial<AccountSettings> {
	return BOUNDS[short];
}

/** Orders and cancels of a shard that may wait for their answers, and how old what the ledger lacks may get. */
export interface QueueBounds {
	readonly order: number;
	readonly cancel: number;
	readonly lagMs: number;
}

export function queueBounds(short: ShortQueue): QueueBounds {
	const settings = { ...defaultAccountSettings, ...boundsOf(short) };
	const { maxWaitingOrders: order, maxWaitingCancels: cancel, maxLagMs: lagMs } = settings;
	return { order, cancel, lagMs };
}
