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
 * rolling window, but each only once, a day later. Prices are kept as differences. Trade ids have no gaps, so a
 * count is enough, but where a lost log was recovered: no trades are said there, and then which ids.
 */
export function encodeSeconds(minuteOpenMs: number, seconds: readonly Second[]): Uint8Array {
	const out = new ByteWriter();
	out.uint(seconds.length);
	let nextTradeId = seconds[0]?.totals.firstTradeId ?? 0;
	out.uint(nextTradeId);
	let priceTicks = 0;
	for (const { openMs, totals } of seconds) {
		out.uint((openMs - minuteOpenMs) / 1_000);
		writeTotals(out, totals, nextTradeId, priceTicks);
		nextTradeId = totals.lastTradeId + 1;
		priceTicks = totals.closeTicks;
	}
	return out.take();
}

/** The seconds that `encodeSeconds` was given for this minute. */
export function decodeSeconds(minuteOpenMs: number, bytes: Uint8Array): Second[] {
	const read = new ByteReader(bytes);
	const count = read.uint();
	let nextTradeId = read.uint();
	let priceTicks = 0;
	const seconds: Second[] = [];
	for (let i = 0; i < count; i += 1) {
		const openMs = minuteOpenMs + read.uint() * 1_000;
		const totals = readTotals(read, nextTradeId, priceTicks);
		seconds.push({ openMs, totals });
		nextTradeId = totals.lastTradeId + 1;
		priceTicks = totals.closeTicks;
	}
	return seconds;
}

/** Writes sums that are not empty; the reader knows the id after those before, and any price close by. */
function writeTotals(
	out: ByteWriter,
	totals: TradeTotals,
	nextTradeId: number,
	nearTicks: number,
): void {
	const { openTicks, highTicks, lowTicks, closeTicks } = totals;
	out.int(openTicks - nearTicks);
	out.int(closeTicks - openTicks);
	out.uint(highTicks - Math.max(openTicks, closeTicks));
	out.uint(Math.min(openTicks, closeTicks) - lowTicks);
	writeIds(out, totals, nextTradeId);
	out.big(totals.volumeLots.value());
	out.big(totals.quoteTickLots.value());
}

/** Reads what `writeTotals` wrote. */
function readTotals(read: ByteReader, nextTradeId: number, nearTicks: number): TradeTotals {
	const totals = new TradeTotals();
	totals.openTicks = nearTicks + read.int();
	totals.closeTicks = totals.openTicks + read.int();
	totals.highTicks = Math.max(totals.openTicks, totals.closeTicks) + read.uint();
	totals.lowTicks = Math.min(totals.openTicks, totals.closeTicks) - read.uint();
	readIds(read, totals, nextTradeId);
	totals.volumeLots = ExactSum.of(read.big());
	totals.quoteTickLots = ExactSum.of(read.big());
	return totals;
}

function writeIds(
	out: ByteWriter,
	{ trades, firstTradeId, lastTradeId }: TradeTotals,
	nextTradeId: number,
): void {
	if (firstTradeId !== nextTradeId || lastTradeId !== firstTradeId + trades - 1) {
		out.uint(0);
		out.uint(firstTradeId - nextTradeId);
		out.uint(lastTradeId - firstTradeId);
	}
	out.uint(trades);
}

function readIds(read: ByteReader, totals: TradeTotals, nextTradeId: number): void {
	const trades = read.uint();
	const skips = trades === 0;
	totals.firstTradeId = nextTradeId + (skips ? read.uint() : 0);
	const lastTradeId = skips ? totals.firstTradeId + read.uint() : 0;
	totals.trades = skips ? read.uint() : trades;
	totals.lastTradeId = skips ? lastTradeId : nextTradeId + trades - 1;
}
