import type { ByteReader, ByteWriter } from "./byte-writer.ts";
import { barOpen, DAY_MS, MINUTE_MS } from "./intervals.ts";
import { decodeSeconds, encodeSeconds, type Second } from "./seconds-codec.ts";
import { TradeTotals } from "./trade-totals.ts";

/** Windows up to a day may begin at any second. */
const SECONDS_KEPT_MS = DAY_MS;
/** Longer ones, up to this, at any minute. */
const MINUTES_KEPT_MS = 7 * DAY_MS;

/** A minute that had trades and is over: never changed, since copies share it. */
interface Minute {
	readonly openMs: number;
	readonly totals: TradeTotals;
	/** The totals as bytes: snapshots copy them. */
	readonly packed: Uint8Array;
	/** Its seconds as bytes; null when no window can begin within it any more. */
	readonly seconds: Uint8Array | null;
}

/** Minutes written between two turns of everything else: a millisecond's worth. */
const MINUTES_IN_STEP = 1_000;

/** Trades since a moment, summed up, and the price before it (0 when there was none). */
export interface WindowTotals {
	readonly totals: TradeTotals;
	readonly closeBeforeTicks: number;
}

/**
 * The past week of one symbol, for windows that end now: sums per minute, and the seconds of the last
 * day packed tightly. Sums equal their trades exactly; nothing is ever subtracted.
 */
export class RollingTrades {
	private minutes: Minute[] = [];
	/** Minutes before this index have their seconds no more. */
	private secondsFrom = 0;
	/** Closed seconds of the latest minute that has any. */
	private latest: Second[] = [];
	private latestOpenMs = 0;
	/** Close of the last minute dropped. */
	private closeBeforeKept = 0;
	/** The minutes some window's edge lies in, unpacked: they are asked for every second. */
	private readonly unpacked = new Map<number, readonly Second[]>();

	/** Adds a second that had trades, later than all so far. */
	addSecond(openMs: number, totals: TradeTotals): void {
		const minuteMs = barOpen("1m", openMs);
		if (minuteMs !== this.latestOpenMs) {
			this.closeMinute();
			this.latestOpenMs = minuteMs;
			this.trim(openMs);
		}
		this.latest.push({ openMs, totals });
	}

	/**
	 * Sums from `openMs` (a whole second; a whole minute when more than a day ago) on, without the
	 * running second.
	 */
	since(openMs: number): WindowTotals {
		const totals = new TradeTotals();
		const edgeMs = barOpen("1m", openMs);
		let at = this.firstFrom(edgeMs);
		let before = this.minutes[at - 1]?.totals.closeTicks ?? this.closeBeforeKept;
		const edge = this.minutes[at];
		if (edge !== undefined && edge.openMs === edgeMs && openMs > edgeMs && edge.seconds !== null) {
			before = addFrom(totals, this.unpack(edge.openMs, edge.seconds), openMs, before);
			at += 1;
		}
		for (; at < this.minutes.length; at += 1) totals.addTotals((this.minutes[at] as Minute).totals);
		before = addFrom(totals, this.latest, openMs, before);
		return { totals, closeBeforeTicks: before };
	}

	/** As it is now: what is added to the one is not in the other. */
	copy(): RollingTrades {
		const copy = new RollingTrades();
		copy.minutes = [...this.minutes];
		copy.secondsFrom = this.secondsFrom;
		copy.latest = [...this.latest];
		copy.latestOpenMs = this.latestOpenMs;
		copy.closeBeforeKept = this.closeBeforeKept;
		return copy;
	}

	/** Everything as bytes, by and by, for snapshots: some megabytes for a day with trades in every second. */
	*write(out: ByteWriter): IterableIterator<void> {
		out.uint(this.closeBeforeKept);
		out.uint(this.minutes.length);
		for (const [i, { openMs, packed, seconds }] of this.minutes.entries()) {
			if (i > 0 && i % MINUTES_IN_STEP === 0) yield;
			out.uint(openMs / MINUTE_MS);
			out.uint(packed.length);
			out.raw(packed);
			out.uint(seconds?.length ?? 0);
			if (seconds !== null) out.raw(seconds);
		}
		const latest = encodeSeconds(this.latestOpenMs, this.latest);
		out.uint(this.latestOpenMs / MINUTE_MS);
		out.uint(latest.length);
		out.raw(latest);
	}

	/** What `write` wrote. */
	static read(read: ByteReader): RollingTrades {
		const rolling = new RollingTrades();
		rolling.closeBeforeKept = read.uint();
		const count = read.uint();
		for (let i = 0; i < count; i += 1) {
			const openMs = read.uint() * MINUTE_MS;
			const packed = read.raw(read.uint()).slice();
			const length = read.uint();
			const seconds = length === 0 ? null : read.raw(length).slice();
			const totals = sumOf(decodeSeconds(openMs, packed));
			rolling.minutes.push({ openMs, totals, packed, seconds });
		}
		rolling.latestOpenMs = read.uint() * MINUTE_MS;
		rolling.latest = decodeSeconds(rolling.latestOpenMs, read.raw(read.uint()));
		return rolling;
	}

	private closeMinute(): void {
		if (this.latest.length === 0) return;
		const openMs = this.latestOpenMs;
		const totals = sumOf(this.latest);
		const packed = encodeSeconds(openMs, [{ openMs, totals }]);
		this.minutes.push({ openMs, totals, packed, seconds: encodeSeconds(openMs, this.latest) });
		this.latest = [];
	}

	/** Drops what no window reaches any more. */
	private trim(nowMs: number): void {
		const secondsMs = nowMs - SECONDS_KEPT_MS - MINUTE_MS;
		for (;;) {
			const minute = this.minutes[this.secondsFrom];
			if (minute === undefined || minute.openMs >= secondsMs) break;
			this.minutes[this.secondsFrom] = { ...minute, seconds: null };
			this.secondsFrom += 1;
		}
		const old = this.firstFrom(nowMs - MINUTES_KEPT_MS - MINUTE_MS);
		// In larger pieces: dropping from an array's front moves all of it.
		if (old < 64 && old * 2 < this.minutes.length) return;
		this.closeBeforeKept = this.minutes[old - 1]?.totals.closeTicks ?? this.closeBeforeKept;
		this.minutes.splice(0, old);
		this.secondsFrom = Math.max(0, this.secondsFrom - old);
	}

	private unpack(openMs: number, bytes: Uint8Array): readonly Second[] {
		const known = this.unpacked.get(openMs);
		if (known !== undefined) return known;
		const seconds = decodeSeconds(openMs, bytes);
		const [oldest] = this.unpacked.keys();
		if (this.unpacked.size >= 8 && oldest !== undefined) this.unpacked.delete(oldest);
		this.unpacked.set(openMs, seconds);
		return seconds;
	}

	/** Index of the first minute at or after a moment. */
	private firstFrom(ms: number): number {
		let low = 0;
		let high = this.minutes.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.minutes[middle] as Minute).openMs < ms) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}

function sumOf(seconds: readonly Second[]): TradeTotals {
	const totals = new TradeTotals();
	for (const second of seconds) totals.addTotals(second.totals);
	return totals;
}

/** Adds the seconds from `openMs` on; gives the last close before it, else `before`. */
function addFrom(
	totals: TradeTotals,
	seconds: readonly Second[],
	openMs: number,
	before: number,
): number {
	let close = before;
	for (const second of seconds) {
		if (second.openMs >= openMs) totals.addTotals(second.totals);
		else close = second.totals.closeTicks;
	}
	return close;
}
