import { expect } from "bun:test";
import { KLINE_INTERVALS, type MarketDataMessage } from "../../../schemas/market.ts";
import type { MarketData, TradeRange } from "../../../schemas/ports/market-data.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../intervals.ts";

const WINDOWS_MS = [MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS, 7 * DAY_MS];

/** All that market data answers about a symbol, for these ranges of trades and bars. */
export async function observed(
	from: MarketData,
	symbolId: number,
	ranges: readonly TradeRange[],
	offsetMs: number,
): Promise<unknown> {
	const asked: Record<string, unknown> = {
		depth: from.depth(symbolId, 5_000),
		book: from.bookTicker(symbolId),
		average: from.averagePrice(symbolId),
		day: from.ticker(symbolId, DAY_MS, 1_000),
	};
	for (const window of WINDOWS_MS)
		asked[`ticker ${window}`] = from.ticker(symbolId, window, MINUTE_MS);
	for (const range of ranges) {
		const name = JSON.stringify(range);
		asked[`trades ${name}`] = from.trades(symbolId, range);
		asked[`aggTrades ${name}`] = from.aggTrades(symbolId, range);
		for (const interval of KLINE_INTERVALS) {
			for (const shiftMs of [0, offsetMs]) {
				asked[`${interval} ${shiftMs} ${name}`] = from.klines(symbolId, interval, range, shiftMs);
			}
		}
	}
	const answers = await Promise.all(Object.values(asked));
	return Object.fromEntries(Object.keys(asked).map((name, i) => [name, answers[i]]));
}

interface Payload {
	readonly t: number;
	readonly a: number;
	readonly U: number;
	readonly u: number;
	readonly k: { readonly t: number; readonly x: boolean };
}

/** What must be said the same by whoever says it: trades, aggregate trades, and bars' last words. */
export function lastingWords(messages: readonly MarketDataMessage[]): Map<string, string> {
	const words = new Map<string, string>();
	for (const [stream, text] of messages.flatMap(({ entries }) => entries)) {
		const payload = JSON.parse(`${text}`) as Payload;
		const add = (id: number) => words.set(`${stream} ${id}`, `${text}`);
		if (stream.endsWith("@trade")) add(payload.t);
		if (stream.endsWith("@aggTrade")) add(payload.a);
		if (stream.includes("@kline_") && payload.k.x) add(payload.k.t);
	}
	return words;
}

/** Nothing is said twice, left out or out of order, by one life of a worker. */
export function checkOrder(messages: readonly MarketDataMessage[]): void {
	const last = new Map<string, number>();
	const follows = (name: string, id: number, lastId: number) => {
		expect(`${name} ${id}`).toBe(`${name} ${(last.get(name) ?? id - 1) + 1}`);
		last.set(name, lastId);
	};
	const grows = (name: string, id: number) => {
		expect(id).toBeGreaterThan(last.get(name) ?? 0);
		last.set(name, id);
	};
	for (const { partition, seq, entries } of messages) {
		follows(`partition ${partition}`, seq, seq);
		for (const [stream, text] of entries) {
			const payload = JSON.parse(`${text}`) as Payload & { readonly lastUpdateId: number };
			if (stream.endsWith("@trade")) follows(stream, payload.t, payload.t);
			else if (stream.endsWith("@aggTrade")) follows(stream, payload.a, payload.a);
			else if (/@depth(@100ms)?$/.test(stream)) follows(stream, payload.U, payload.u);
			else if (stream.includes("@depth")) grows(stream, payload.lastUpdateId);
			else if (stream.endsWith("@bookTicker")) grows(stream, payload.u);
			else if (stream.includes("@kline_") && payload.k.x) grows(stream, payload.k.t);
		}
	}
}
