import { type Event, EventKind } from "./event.ts";

/**
 * Every event is a row of whole numbers: its kind, then these fields in this order. The engine writes
 * such rows into a reused buffer, the log stores them, the running hash goes over them; readers get
 * objects. One table for all of it.
 */
export const EVENT_FIELDS = {
	[EventKind.OrderAdmitted]: ["symbolId", "orderId", "userId"],
	[EventKind.OrderReplacing]: ["symbolId", "orderId", "userId", "oldOrderId"],
	[EventKind.OrderTriggered]: ["symbolId", "orderId", "userId"],
	[EventKind.Traded]: [
		"symbolId",
		"tradeId",
		"makerOrderId",
		"takerOrderId",
		"makerUserId",
		"takerUserId",
		"takerSide",
		"priceTicks",
		"qtyLots",
		"makerFeePpm",
		"takerFeePpm",
		"makerLeavesLots",
	],
	[EventKind.MatchPrevented]: [
		"symbolId",
		"preventedMatchId",
		"makerOrderId",
		"takerOrderId",
		"makerUserId",
		"takerUserId",
		"takerSide",
		"priceTicks",
		"makerPreventedLots",
		"takerPreventedLots",
		"stpMode",
	],
	[EventKind.LevelChanged]: ["symbolId", "side", "priceTicks", "qtyLots", "updateId"],
	[EventKind.OrderFilled]: ["symbolId", "orderId", "userId"],
	[EventKind.OrderCanceled]: ["symbolId", "orderId", "userId", "leavesLots"],
	[EventKind.OrderExpired]: ["symbolId", "orderId", "userId", "leavesLots", "reason"],
	[EventKind.OrderAccepted]: ["symbolId", "orderId", "userId"],
	[EventKind.OrderRejected]: ["symbolId", "userId", "reason"],
	[EventKind.CancelRejected]: ["symbolId", "orderId", "userId", "reason"],
	[EventKind.OrderAmended]: ["symbolId", "orderId", "userId", "newQtyLots", "cutLots"],
	[EventKind.AmendRejected]: ["symbolId", "orderId", "userId", "reason"],
	[EventKind.CancelReplaceAnswered]: [
		"symbolId",
		"userId",
		"oldOrderId",
		"cancelReason",
		"newOrderId",
		"newReason",
	],
	[EventKind.AllCanceled]: ["symbolId", "userId", "count"],
	[EventKind.CancelAllRejected]: ["symbolId", "userId", "reason"],
	[EventKind.Deposited]: ["userId", "assetId"],
	[EventKind.Withdrawn]: ["userId", "assetId"],
	[EventKind.BeatSeen]: [],
	[EventKind.Ticked]: [],
	[EventKind.AssetAdded]: ["assetId"],
	[EventKind.SymbolAdded]: ["symbolId"],
	[EventKind.SymbolStateSet]: ["symbolId", "state"],
	[EventKind.SymbolRulesSet]: ["symbolId"],
	[EventKind.CommandRejected]: ["reason"],
	[EventKind.EpochRaised]: ["shard", "epoch"],
	[EventKind.PartitionResumed]: ["lastOrderId"],
	[EventKind.MarketResumed]: ["symbolId", "lastId", "lastTicks"],
	[EventKind.OrderRestored]: ["symbolId", "orderId", "userId"],
	[EventKind.SkipHeard]: ["shard", "seq"],
	[EventKind.EngineVersionSet]: ["version"],
} as const satisfies { [K in EventKind]: readonly (keyof Extract<Event, { kind: K }>)[] };

/** How many words an event of each kind takes, its kind included; by kind, 0 where there is none. */
export const EVENT_WORDS: Uint8Array = (() => {
	const words = new Uint8Array(64);
	for (const [kind, fields] of Object.entries(EVENT_FIELDS))
		words[Number(kind)] = fields.length + 1;
	return words;
})();

/**
 * Where the engine writes: whole numbers, back to back, reused from command to command. `write`
 * grows it; a reader takes `words.subarray(0, length)` before the next `clear`.
 */
export class EventBuffer {
	words: Float64Array = new Float64Array(4_096);
	/** Words in use. */
	length = 0;
	/** Events in use. */
	count = 0;

	clear(): void {
		this.length = 0;
		this.count = 0;
	}

	/** Makes room for `words` more and gives the index to write them at; counts one event. */
	reserve(words: number): number {
		const at = this.length;
		if (at + words > this.words.length) this.grow(at + words);
		this.length = at + words;
		this.count += 1;
		return at;
	}

	/** As `reserve`, for the words of several events that follow each other. */
	reserveSeveral(words: number, events: number): number {
		const at = this.length;
		if (at + words > this.words.length) this.grow(at + words);
		this.length = at + words;
		this.count += events;
		return at;
	}

	/**
	 * Makes room for `words` more behind some that were written but not counted yet, and gives the buffer's
	 * words as they are then. Who writes many events counts them at once, in `length` and `count`.
	 */
	grown(written: number, words: number): Float64Array {
		this.grow(written + words);
		return this.words;
	}

	/** Writes an event given as an object: for what is not on the hot path. */
	push(event: Event): void {
		const fields: readonly string[] = EVENT_FIELDS[event.kind];
		const at = this.reserve(fields.length + 1);
		this.words[at] = event.kind;
		const values = event as unknown as Record<string, number>;
		for (let i = 0; i < fields.length; i += 1) {
			this.words[at + 1 + i] = values[fields[i] as string] as number;
		}
	}

	private grow(needed: number): void {
		const bigger = new Float64Array(Math.max(needed, this.words.length * 2));
		bigger.set(this.words);
		this.words = bigger;
	}
}

/**
 * The events of a row of words.
 *
 * @throws RangeError when the words are not whole events of known kinds
 */
export function decodeEvents(words: ArrayLike<number>, from = 0, to = words.length): Event[] {
	const events: Event[] = [];
	let at = from;
	while (at < to) {
		const kind = words[at] as EventKind;
		const fields: readonly string[] | undefined = EVENT_FIELDS[kind];
		if (fields === undefined || at + fields.length + 1 > to) {
			throw new RangeError(`no whole event at word ${at} (kind ${kind})`);
		}
		const event: Record<string, number> = { kind };
		for (let i = 0; i < fields.length; i += 1)
			event[fields[i] as string] = words[at + 1 + i] as number;
		events.push(event as unknown as Event);
		at += fields.length + 1;
	}
	return events;
}

/** The words of some events, in order. */
export function encodeEvents(events: readonly Event[]): number[] {
	const words: number[] = [];
	for (const event of events) {
		words.push(event.kind);
		const values = event as unknown as Record<string, number>;
		for (const field of EVENT_FIELDS[event.kind] as readonly string[])
			words.push(values[field] as number);
	}
	return words;
}
