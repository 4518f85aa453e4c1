import { CommandKind, type CommandRecord } from "../../../../schemas/command.ts";
import { OrderType } from "../../../../schemas/order.ts";

/** What a way into the log or the ledger, and a clock, may make of it, ms. */
const SLACK_MS = 1_500;

/** A worker that was paused looks at its lag a moment after it woke, ms. */
const AWAKE_MS = 500;

/** The first order of a shard since its last commit, and the first that came too late after it. */
interface Oldest {
	readonly ts: number;
	readonly atMs: number;
	lateAtMs: number;
}

/** 15: with the ledger further behind than its bound, a shard takes no new orders. */
export class LagCheck {
	private readonly fault: (text: string) => void;
	private readonly limitMs: number;
	private readonly nowMs: () => number;
	private readonly oldest = new Map<number, Oldest>();

	/** @param nowMs the world's time */
	constructor(fault: (text: string) => void, maxLagMs: number, nowMs: () => number) {
		this.fault = fault;
		this.limitMs = maxLagMs + SLACK_MS;
		this.nowMs = nowMs;
	}

	/** A line that counts. */
	accepted({ shard, ts, command }: CommandRecord): void {
		if (command.kind !== CommandKind.PlaceOrder) return;
		const oldest = this.oldest.get(shard);
		if (oldest === undefined) {
			const atMs = this.nowMs();
			this.oldest.set(shard, { ts, atMs, lateAtMs: Number.POSITIVE_INFINITY });
			return;
		}
		// A market order that found no price was let in earlier.
		if (command.type === OrderType.Market) return;
		const nowMs = this.nowMs();
		const behindMs = Math.min(ts - oldest.ts, nowMs - oldest.atMs);
		if (behindMs <= this.limitMs) return;
		oldest.lateAtMs = Math.min(oldest.lateAtMs, nowMs);
		if (nowMs - oldest.lateAtMs <= AWAKE_MS) return;
		this.fault(`15: shard ${shard} takes an order with its ledger ${behindMs} ms behind`);
	}

	/** A batch of it was committed, or another owner begins. */
	written(shard: number): void {
		this.oldest.delete(shard);
	}
}
