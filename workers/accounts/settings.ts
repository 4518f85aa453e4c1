import type { SettingsOf } from "../../schemas/settings.ts";
import type {
	ACCOUNT_LIMITS,
	AUDIT_SETTINGS,
	CLIENT_ID_SETTINGS,
} from "../../schemas/venue-settings.ts";

/** One `ORDERS` limit: so many unfilled orders per fixed window, aligned to UTC. */
export interface OrderLimit {
	readonly intervalMs: number;
	readonly limit: number;
}

/** How an account worker behaves; every bound of its queues is here. */
export interface AccountSettings {
	/** Fixed at the venue's beginning. */
	readonly accountShards: number;
	readonly orderLimits: readonly OrderLimit[];
	/** What an order's first fill gives back of the unfilled-order count, as taker and as maker. */
	readonly takerFillCredit: number;
	readonly makerFillCredit: number;
	/** How long a finished order's client id stays taken; not below the largest recvWindow + 60 s. */
	readonly clientOrderIdKeepMs: number;
	readonly maxClientOrderIdsPerUser: number;
	/** Orders and amends whose answer is awaited, over all users; beyond it: overloaded. */
	readonly maxWaitingOrders: number;
	/** The same for cancels, which keep a lane of their own. */
	readonly maxWaitingCancels: number;
	/** Signatures remembered until their timestamp can no longer pass; cancels find a quarter more room. */
	readonly maxSignatures: number;
	/** While there is much to do, what comes within this goes into the log together: 0 where appends are cheap. */
	readonly gatherMs: number;
	/** Pause between two batches to the ledger. */
	readonly commitEveryMs: number;
	/** Transfers not yet in the ledger, and the age of the oldest change; beyond either: overloaded. */
	readonly maxUncommittedTransfers: number;
	readonly maxLagMs: number;
	/** A finished order is kept at least this long, and until the order log has it. */
	readonly keepFinishedMs: number;
	readonly keepUserEventsMs: number;
	readonly maxUserEvents: number;
	/** Balances and orders that the auditor looks at in a second, each. */
	readonly auditRowsPerSecond: number;
	/** What a refused client is told to wait. */
	readonly retryAfterMs: number;
	/** How long `stop` waits for answers that are under way. */
	readonly drainMs: number;
}

export const defaultAccountSettings: AccountSettings = {
	accountShards: 1,
	orderLimits: [
		{ intervalMs: 10_000, limit: 100 },
		{ intervalMs: 86_400_000, limit: 200_000 },
	],
	takerFillCredit: 1,
	makerFillCredit: 5,
	clientOrderIdKeepMs: 600_000,
	maxClientOrderIdsPerUser: 100_000,
	maxWaitingOrders: 20_000,
	maxWaitingCancels: 20_000,
	maxSignatures: 2_000_000,
	gatherMs: 0,
	commitEveryMs: 50,
	maxUncommittedTransfers: 200_000,
	maxLagMs: 60_000,
	keepFinishedMs: 60_000,
	keepUserEventsMs: 60_000,
	maxUserEvents: 200_000,
	auditRowsPerSecond: 2_000,
	retryAfterMs: 1_000,
	drainMs: 3_000,
};

/** What the environment says, and ours for the rest. */
export function accountSettings(
	values: SettingsOf<typeof ACCOUNT_LIMITS & typeof CLIENT_ID_SETTINGS & typeof AUDIT_SETTINGS>,
	accountShards: number,
): AccountSettings {
	return {
		...defaultAccountSettings,
		accountShards,
		orderLimits: [
			{ intervalMs: 10_000, limit: values.ORDERS_PER_10_SECONDS },
			{ intervalMs: 86_400_000, limit: values.ORDERS_PER_DAY },
		],
		clientOrderIdKeepMs: values.CLIENT_ORDER_ID_MINUTES * 60_000,
		maxClientOrderIdsPerUser: values.MAX_CLIENT_ORDER_IDS,
		auditRowsPerSecond: values.AUDIT_ROWS_PER_SECOND,
	};
}
