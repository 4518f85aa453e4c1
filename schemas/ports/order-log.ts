import type { Amendment, Fill, OrderState, PreventedMatch } from "../order-state.ts";

/** What one batch of event records did to orders: absolute states, and what happened to them. */
export interface OrderLogBatch {
	readonly partition: number;
	/** The last event record in it. */
	readonly evSeq: number;
	/** Of the topic `trades` that the offset is of. */
	readonly logId: string;
	readonly tradesOffset: number;
	readonly orders: readonly OrderState[];
	readonly fills: readonly Fill[];
	readonly amendments: readonly Amendment[];
	readonly preventedMatches: readonly PreventedMatch[];
}

export interface OrderRange {
	/** Orders from this id on; 0 when not asked for. */
	readonly fromOrderId: number;
	/** createdAtMs bounds, inclusive; 0 when not asked for. */
	readonly startMs: number;
	readonly endMs: number;
	readonly limit: number;
}

export interface FillRange {
	/** 0 when not asked for, as below. */
	readonly orderId: number;
	/** Of an open order, which is not known here: no fill of it is older. */
	readonly orderCreatedAtMs?: number;
	readonly fromTradeId: number;
	readonly startMs: number;
	readonly endMs: number;
	readonly limit: number;
}

export interface AmendmentRange {
	readonly orderId: number;
	/** 0 when not asked for. */
	readonly fromExecutionId: number;
	readonly limit: number;
}

/** One match by its id, or those of an order. */
export type PreventedMatchRange =
	| { readonly preventedMatchId: number }
	| {
			readonly orderId: number;
			/** 0 when not asked for. */
			readonly fromPreventedMatchId: number;
			readonly limit: number;
	  };

/** How far a partition is written. */
export interface WrittenPosition {
	/** The last event record; 0 at first. */
	readonly evSeq: number;
	/** `trades` offset after it, and the log that it is of; null when none was ever named. */
	readonly tradesOffset: number;
	readonly logId: string | null;
}

/** What a stretch of events did to a partition's orders. */
export interface OrderLogChanges {
	/** Orders that changed in it, as of its end; by symbol and id. */
	readonly orders: readonly OrderState[];
	/** By evSeq, trade and order. */
	readonly fills: readonly Fill[];
	/** By evSeq. */
	readonly amendments: readonly Amendment[];
}

/** Whose row it is, in which symbol, and the event that made it. */
export type LoggedBy = Pick<Fill, "userId" | "symbolId" | "evSeq">;

/**
 * Every order that has ended, every fill, amendment and prevented match, by user; and what is open, by partition: a user's open orders
 * are his account worker's to tell. Writes are idempotent and never go backwards (an older evSeq changes
 * nothing); reads are strongly consistent with finished writes.
 */
export interface OrderLog {
	write(batch: OrderLogBatch): Promise<void>;
	position(partition: number): Promise<WrittenPosition>;
	orderById(userId: number, symbolId: number, orderId: number): Promise<OrderState | null>;
	/** The newest that ended with that client id. */
	orderByClientId(
		userId: number,
		symbolId: number,
		clientOrderId: string,
	): Promise<OrderState | null>;
	/** Ascending by orderId; without a start or id the newest `limit`. */
	orders(userId: number, symbolId: number, range: OrderRange): Promise<readonly OrderState[]>;
	/** Ascending by tradeId; without a start or id the newest `limit`. */
	fills(userId: number, symbolId: number, range: FillRange): Promise<readonly Fill[]>;
	/** Ascending by execution id, the first `limit`. */
	amendments(
		userId: number,
		symbolId: number,
		range: AmendmentRange,
	): Promise<readonly Amendment[]>;
	/** Ascending by id, the first `limit`. */
	preventedMatches(
		userId: number,
		symbolId: number,
		range: PreventedMatchRange,
	): Promise<readonly PreventedMatch[]>;
	/** Orders that are open as far as it knows, for the order-log worker's own start. */
	openOrders(partition: number): Promise<readonly OrderState[]>;
	/**
	 * What happened in a partition after an event, up to its position. For the day on which the log is
	 * lost: it may look through everything that there is.
	 */
	changesAfter(partition: number, evSeq: number): Promise<OrderLogChanges>;
	/**
	 * Takes away what a write that was cut off has left beyond a partition's position, where it is lost; how much that
	 * was. For the same day, since nobody writes that batch again.
	 *
	 * @param isLost may be asked of rows of other partitions, too
	 */
	dropUnfinished(partition: number, isLost: (row: LoggedBy) => boolean): Promise<number>;
	/** What was written before outlives a power cut once this resolves. */
	sync(): Promise<void>;
	close(): Promise<void>;
}
