import { ByteReader, ByteWriter } from "./byte-writer.ts";
import { ExactSum } from "./exact-sum.ts";
import { TradeTotals } from "./trade-totals.ts";

/** The trades of one second, summed up. */
export interface Second {
	readonly openMs: number;
	readonly totals: TradeTotals;
}

/**
 * Seconds of one minute as some fifteen bytes each: a day of them is needed to move the edge of a
 * rolling window, but each only once, a day later. Prices are kept as differences; trade ids have no
 * gaps, so a count is enough.
 */
export function encodeSeconds(minuteOpenMs: number, seconds: readonly Second[]): Uint8Array {
	const out = new ByteWriter();
	out.uint(seconds.length);
	out.uint(seconds[0]?.totals.firstTradeId ?? 0);
	let priceTicks = 0;
	for (const { openMs, totals } of seconds) {
		out.uint((openMs - minuteOpenMs) / 1_000);
		writeTotals(out, totals, priceTicks);
		priceTicks = totals.closeTicks;
	}
	return out.done();
}

/** The seconds that `encodeSeconds` was given for this minute. */
export function decodeSeconds(minuteOpenMs: number, bytes: Uint8Array): Second[] {
	const read = new ByteReader(bytes);
	const count = read.uint();
	let firstTradeId = read.uint();
	let priceTicks = 0;
	const seconds: Second[] = [];
	for (let i = 0; i < count; i += 1) {
		const openMs = minuteOpenMs + read.uint() * 1_000;
		const totals = readTotals(read, firstTradeId, priceTicks);
		seconds.push({ openMs, totals });
		firstTradeId = totals.lastTradeId + 1;
		priceTicks = totals.closeTicks;
	}
	return seconds;
}

/** Writes sums that are not empty; `nearTicks` is any price close by, known to the reader. */
function writeTotals(out: ByteWriter, totals: TradeTotals, nearTicks: number): void {
	const { openTicks, highTicks, lowTicks, closeTicks } = totals;
	out.int(openTicks - nearTicks);
	out.int(closeTicks - openTicks);
	out.uint(highTicks - Math.max(openTicks, closeTicks));
	out.uint(Math.min(openTicks, closeTicks) - lowTicks);
	out.uint(totals.trades);
	out.big(totals.volumeLots.value());
	out.big(totals.quoteTickLots.value());
}

/** Reads what `writeTotals` wrote. */
function readTotals(read: ByteReader, firstTradeId: number, nearTicks: number): TradeTotals {
	const totals = new TradeTotals();
	totals.openTicks = nearTicks + read.int();
	totals.closeTicks = totals.openTicks + read.int();
	totals.highTicks = Math.max(totals.openTicks, totals.closeTicks) + read.uint();
	totals.lowTicks = Math.min(totals.openTicks, totals.closeTicks) - read.uint();
	totals.trades = read.uint();
	totals.firstTradeId = firstTradeId;
	totals.lastTradeId = firstTradeId + totals.trades - 1;
	totals.volumeLots = ExactSum.of(read.big());
	totals.quoteTickLots = ExactSum.of(read.big());
	return totals;
}
