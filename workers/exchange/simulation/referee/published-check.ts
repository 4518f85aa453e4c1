import { parseUnits } from "../../../../schemas/decimal.ts";
import { invariant } from "../../../../schemas/invariant.ts";
import type { MarketDataMessage } from "../../../../schemas/market.ts";
import type { SymbolSpec } from "../../../../schemas/symbol.ts";
import { unitsOf } from "../replies.ts";
import { BookAt } from "./book-at.ts";
import type { MarketModel } from "./market-model.ts";
import type { ModelSymbol } from "./model-symbol.ts";
import { type Stretch, TradeSums } from "./trade-sums.ts";

/** What one run of market data has said of a symbol. */
interface Said {
	readonly symbol: ModelSymbol;
	readonly sums: TradeSums;
	readonly book: BookAt;
	/** 0 before the first. */
	lastTradeId: number;
	lastAggId: number;
	/** Last trade of the last aggregate trade. */
	mergedId: number;
	/** By stream: last trade of the last bar that closed. */
	readonly closed: Map<string, number>;
	/** The best prices that were said last; "" before the first. */
	best: string;
}

/** Streams of everybody repeat what those of one symbol say; clients look at the depth's diffs. */
const CHECKED = /^[a-z]+@(trade|aggTrade|bookTicker|kline_.+|ticker.*|miniTicker|avgPrice|depth5)$/;
/** What goes out with them says how far the book is, with which best prices were said. */
const DIFF = /^([a-z]+)@depth@100ms$/;
const UPDATE_ID = /"u":(\d+)/;
const DAY_MS = 86_400_000;
/** What the average price goes over, ms. */
const AVERAGE_MS = 300_000;
const ONE = 10n ** 8n;

/**
 * 16 and 19: what market data publishes, as it does so. Trades come one after the other; bars, windows
 * and aggregate trades are the sums of those that were said before them, up to the last; best prices are
 * the book's at their update id.
 */
export class PublishedCheck {
	private readonly fault: (text: string) => void;
	private readonly market: MarketModel;
	private readonly said = new Map<string, Said>();

	constructor(fault: (text: string) => void, market: MarketModel) {
		this.fault = fault;
		this.market = market;
	}

	heard({ run, entries }: MarketDataMessage): void {
		for (const [stream, payload] of entries) {
			const diffOf = DIFF.exec(stream)?.[1];
			if (diffOf !== undefined) this.bestWasSaid(run, diffOf, String(payload));
			if (CHECKED.test(stream)) this.check(run, stream, JSON.parse(String(payload)));
		}
	}

	// biome-ignore lint/suspicious/noExplicitAny: payloads of the API
	private check(run: string, stream: string, event: any): void {
		const said = this.of(run, stream.slice(0, stream.indexOf("@")));
		if (said === undefined) return this.fault(`19: ${stream} speaks of ${event.s}`);
		const fault = this.faultOf(said, stream, event);
		if (fault !== null) this.fault(`19: ${stream}: ${fault}`);
	}

	// biome-ignore lint/suspicious/noExplicitAny: payloads of the API
	private faultOf(said: Said, stream: string, event: any): string | null {
		const { spec } = said.symbol;
		switch (event.e) {
			case "trade":
				return faultOfTrade(said, event.t);
			case "aggTrade":
				return faultOfMerged(said, event);
			case undefined:
				return "bids" in event ? faultOfTop(said, event) : faultOfBest(said, event);
			case "kline":
				return (
					lagOf(said, event.k.L) ??
					said.sums.faultOf(barOf(spec, event.k)) ??
					faultOfClosed(said, stream, event.k)
				);
			case "24hrMiniTicker":
				return said.lastTradeId === 0 ? null : said.sums.faultOf(dayOf(said, event));
			case "avgPrice":
				return faultOfAverage(said, event);
			default:
				return lagOf(said, event.L) ?? said.sums.faultOf(windowOf(spec, event));
		}
	}

	/** 16: the last best prices are those of the book, wherever its diffs stand. */
	private bestWasSaid(run: string, name: string, text: string): void {
		const said = this.of(run, name);
		if (said === undefined || said.best === "") return;
		const updateId = Number(UPDATE_ID.exec(text)?.[1]);
		if (said.book.goTo(updateId) && bestOf(said) === said.best) return;
		this.fault(`16: ${name}: the best prices at ${updateId} were not said`);
	}

	private of(run: string, name: string): Said | undefined {
		const key = `${run}/${name}`;
		const known = this.said.get(key);
		if (known !== undefined) return known;
		for (const symbol of this.market.symbols.values()) {
			if (symbol.spec.symbol.toLowerCase() !== name) continue;
			const said: Said = {
				...{ symbol, sums: new TradeSums(symbol), book: new BookAt(symbol.changes) },
				...{ lastTradeId: 0, lastAggId: 0, mergedId: 0, closed: new Map(), best: "" },
			};
			this.said.set(key, said);
			return said;
		}
		return undefined;
	}
}

function faultOfTrade(said: Said, tradeId: number): string | null {
	const due = said.lastTradeId === 0 ? tradeId : said.lastTradeId + 1;
	said.lastTradeId = tradeId;
	return tradeId === due ? null : `trade ${tradeId}, due is ${due}`;
}

/** A bar or window that has trades must have the last one that was said. */
function lagOf({ lastTradeId }: Said, lastOfIt: number): string | null {
	if (lastTradeId === 0 || lastOfIt === -1 || lastOfIt === lastTradeId) return null;
	// A bar that closed before is said after the trades behind it.
	return lastOfIt < lastTradeId ? null : `has trade ${lastOfIt}, ${lastTradeId} was said last`;
}

function faultOfMerged(
	said: Said,
	event: {
		readonly a: number;
		readonly f: number;
		readonly l: number;
		readonly p: string;
		readonly q: string;
	},
): string | null {
	const { a, f, l } = event;
	const { symbol } = said;
	const follows = said.lastAggId === 0 || (a === said.lastAggId + 1 && f === said.mergedId + 1);
	said.lastAggId = a;
	said.mergedId = l;
	const those = symbol.trades.slice(f - 1, l).map(({ trade }) => trade);
	const lots = those.reduce((sum, { qtyLots }) => sum + BigInt(qtyLots), 0n);
	const ticks = ticksOf(symbol.spec, event.p);
	const isSum = those.length === l - f + 1 && those.every(({ priceTicks }) => priceTicks === ticks);
	const right = follows && isSum && lots === lotsOf(symbol.spec, event.q);
	return right ? null : `${a} of trades ${f} to ${l} is not their sum`;
}

function faultOfBest(
	said: Said,
	event: {
		readonly u: number;
		readonly b: string;
		readonly B: string;
		readonly a: string;
		readonly A: string;
	},
): string | null {
	const { book, symbol } = said;
	if (event.u < book.updateId || !book.goTo(event.u)) return `at ${event.u} after ${book.updateId}`;
	const { spec } = symbol;
	const bid = `${ticksOf(spec, event.b)} ${lotsOf(spec, event.B)}`;
	said.best = `${bid}, ${ticksOf(spec, event.a)} ${lotsOf(spec, event.A)}`;
	return said.best === bestOf(said) ? null : `at ${event.u} are not the best prices`;
}

/** Best prices and their lots, where its book stands. */
function bestOf({ book }: Said): string {
	const [bids, asks] = book.levels;
	const bid = Math.max(0, ...bids.keys());
	const ask = asks.size === 0 ? 0 : Math.min(...asks.keys());
	return `${bid} ${bids.get(bid) ?? 0}, ${ask} ${asks.get(ask) ?? 0}`;
}

/** The best levels of each side, of a book that stands where diffs have left it. */
function faultOfTop(
	{ book, symbol }: Said,
	event: {
		readonly lastUpdateId: number;
		readonly bids: readonly (readonly [string, string])[];
		readonly asks: readonly (readonly [string, string])[];
	},
): string | null {
	const { lastUpdateId, bids, asks } = event;
	if (lastUpdateId < book.updateId || !book.goTo(lastUpdateId)) return `at ${lastUpdateId}`;
	const right = ([bids, asks] as const).every((levels, side) => {
		const sign = side === 0 ? -1 : 1;
		const due = [...book.levels[side as 0 | 1]].sort((a, b) => sign * (a[0] - b[0])).slice(0, 5);
		const said = levels.map(([price, lots]) => [
			ticksOf(symbol.spec, price),
			Number(lotsOf(symbol.spec, lots)),
		]);
		return JSON.stringify(said) === JSON.stringify(due);
	});
	return right ? null : `at ${lastUpdateId} are not the best levels`;
}

/** Of bars that close none is left out, but for those without trades. */
function faultOfClosed(
	{ closed }: Said,
	stream: string,
	bar: { readonly x: boolean; readonly f: number; readonly L: number },
): string | null {
	if (!bar.x || bar.f === -1) return null;
	const before = closed.get(stream) ?? bar.f - 1;
	closed.set(stream, bar.L);
	return bar.f === before + 1 ? null : `begins with trade ${bar.f} after ${before}`;
}

function faultOfAverage(
	{ symbol, lastTradeId }: Said,
	event: { readonly E: number; readonly w: string },
): string | null {
	if (lastTradeId === 0) return null;
	const fromMs = Math.floor((event.E - AVERAGE_MS) / 1_000) * 1_000;
	let [lots, tickLots] = [0n, 0n];
	for (const { trade, ts } of symbol.trades.slice(0, lastTradeId)) {
		if (ts < fromMs) continue;
		lots += BigInt(trade.qtyLots);
		tickLots += BigInt(trade.priceTicks) * BigInt(trade.qtyLots);
	}
	if (lots === 0n) return null;
	// Rounded half up.
	const due = (2n * tickLots * sizeOf(symbol.spec.tickSize) + lots) / (2n * lots);
	return unitsOf(event.w) === due ? null : `${event.w} is not the average ${due}`;
}

// biome-ignore lint/suspicious/noExplicitAny: payloads of the API
function barOf(spec: SymbolSpec, k: any): Stretch {
	return {
		...{ openTimeMs: k.t, closeTimeMs: k.T, isOpen: !k.x },
		...{ firstTradeId: k.f, lastTradeId: k.L, trades: k.n },
		...pricesOf(spec, k),
		...{ lots: lotsOf(spec, k.v), tickLots: tickLotsOf(spec, k.q) },
		bought: { lots: lotsOf(spec, k.V), tickLots: tickLotsOf(spec, k.Q) },
	};
}

// biome-ignore lint/suspicious/noExplicitAny: payloads of the API
function windowOf(spec: SymbolSpec, event: any): Stretch {
	return {
		...{ openTimeMs: event.O, closeTimeMs: event.C, isOpen: true },
		...{ firstTradeId: event.F, lastTradeId: event.L, trades: event.n },
		...pricesOf(spec, event),
		...{ lots: lotsOf(spec, event.v), tickLots: tickLotsOf(spec, event.q) },
	};
}

/** It says no ids: the window is a day, and all of a run is younger. */
// biome-ignore lint/suspicious/noExplicitAny: payloads of the API
function dayOf({ symbol, lastTradeId }: Said, event: any): Stretch {
	return {
		...{ openTimeMs: event.E - DAY_MS, closeTimeMs: event.E, isOpen: true },
		...{ firstTradeId: 1, lastTradeId, trades: lastTradeId },
		...pricesOf(symbol.spec, event),
		...{ lots: lotsOf(symbol.spec, event.v), tickLots: tickLotsOf(symbol.spec, event.q) },
	};
}

function pricesOf(
	spec: SymbolSpec,
	prices: Readonly<Record<"o" | "h" | "l" | "c", string>>,
): Pick<Stretch, "openTicks" | "highTicks" | "lowTicks" | "closeTicks"> {
	const [openTicks, highTicks, lowTicks, closeTicks] = [prices.o, prices.h, prices.l, prices.c].map(
		(text) => ticksOf(spec, text),
	) as [number, number, number, number];
	return { openTicks, highTicks, lowTicks, closeTicks };
}

function ticksOf(spec: SymbolSpec, text: string): number {
	return Number(exactly(unitsOf(text), sizeOf(spec.tickSize)));
}

function lotsOf(spec: SymbolSpec, text: string): bigint {
	return exactly(unitsOf(text), sizeOf(spec.lotSize));
}

function tickLotsOf(spec: SymbolSpec, text: string): bigint {
	return exactly(unitsOf(text) * ONE, sizeOf(spec.tickSize) * sizeOf(spec.lotSize));
}

/** How many of those; -1, which nothing comes to, when it is no whole number. */
function exactly(units: bigint, each: bigint): bigint {
	return units % each === 0n ? units / each : -1n;
}

/** There are few, and every price that is heard asks for one. */
const sizes = new Map<string, bigint>();

/** A tick or a lot in units of 10^-8. */
function sizeOf(text: string): bigint {
	const known = sizes.get(text);
	if (known !== undefined) return known;
	const size = parseUnits(text, 8);
	invariant(typeof size === "bigint", `${text} is a size`);
	sizes.set(text, size);
	return size;
}
