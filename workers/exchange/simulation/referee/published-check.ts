import type { MarketDataMessage } from "../../../../schemas/market.ts";
import type { SymbolSpec } from "../../../../schemas/symbol.ts";
import { BookAt } from "./book-at.ts";
import type { MarketModel, ModelSymbol } from "./market-model.ts";
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
}

/** Streams of everybody repeat what those of one symbol say; clients look at depth. */
const CHECKED = /^[a-z]+@(trade|aggTrade|bookTicker|kline_.+|ticker.*|miniTicker)$/;

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
			if (CHECKED.test(stream)) this.check(run, stream, JSON.parse(String(payload)));
		}
	}

	// biome-ignore lint/suspicious/noExplicitAny: payloads of the API
	private check(run: string, stream: string, event: any): void {
		const said = this.of(run, event.s);
		if (said === undefined) return this.fault(`19: ${stream} speaks of ${event.s}`);
		const fault = this.faultOf(said, event);
		if (fault !== null) this.fault(`19: ${stream}: ${fault}`);
	}

	// biome-ignore lint/suspicious/noExplicitAny: payloads of the API
	private faultOf(said: Said, event: any): string | null {
		const { spec } = said.symbol;
		switch (event.e) {
			case "trade":
				return faultOfTrade(said, event.t);
			case "aggTrade":
				return faultOfMerged(said, event);
			case undefined:
				return faultOfBest(said, event);
			case "kline":
				return lagOf(said, event.k.L) ?? said.sums.faultOf(barOf(spec, event.k));
			case "24hrMiniTicker":
				return null;
			default:
				return lagOf(said, event.L) ?? said.sums.faultOf(windowOf(spec, event));
		}
	}

	private of(run: string, name: string): Said | undefined {
		const key = `${run}/${name}`;
		const known = this.said.get(key);
		if (known !== undefined) return known;
		for (const symbol of this.market.symbols.values()) {
			if (symbol.spec.symbol !== name) continue;
			const said: Said = {
				...{ symbol, sums: new TradeSums(symbol), book: new BookAt(symbol.changes) },
				...{ lastTradeId: 0, lastAggId: 0, mergedId: 0 },
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
	const lots = those.reduce((sum, { qtyLots }) => sum + qtyLots, 0);
	const ticks = ticksOf(symbol.spec, event.p);
	const isSum = those.length === l - f + 1 && those.every(({ priceTicks }) => priceTicks === ticks);
	const right = follows && isSum && BigInt(lots) === lotsOf(symbol.spec, event.q);
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
	const [bids, asks] = book.levels;
	const bid = Math.max(0, ...bids.keys());
	const ask = asks.size === 0 ? 0 : Math.min(...asks.keys());
	const { spec } = symbol;
	const right =
		ticksOf(spec, event.b) === bid &&
		ticksOf(spec, event.a) === ask &&
		lotsOf(spec, event.B) === BigInt(bids.get(bid) ?? 0) &&
		lotsOf(spec, event.A) === BigInt(asks.get(ask) ?? 0);
	return right ? null : `at ${event.u} are not the best prices`;
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
	return Math.round(Number(text) / Number(spec.tickSize));
}

function lotsOf(spec: SymbolSpec, text: string): bigint {
	return BigInt(Math.round(Number(text) / Number(spec.lotSize)));
}

/** Every asset of the simulation has 8 decimals. */
function tickLotsOf(spec: SymbolSpec, text: string): bigint {
	return BigInt(text.replace(".", "")) / BigInt(spec.quoteUnitsPerTickLot);
}
