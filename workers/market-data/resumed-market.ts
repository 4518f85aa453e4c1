import type { Kline, PublicTrade } from "../../schemas/market.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { History } from "../../schemas/ports/history.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { VenueConfigState } from "../../schemas/venue-config.ts";
import type { MarketOutputs } from "./market-outputs.ts";
import { PartitionMarket } from "./partition-market.ts";
import { RECENT_KEPT } from "./recent-rows.ts";
import { encodeSnapshot } from "./snapshot-codec.ts";
import { Snapshots } from "./snapshots.ts";
import { SymbolMarket } from "./symbol-market.ts";

/** Rows of History read at a time. */
const CHUNK = 1_000;

export interface ResumedMarketPorts {
	readonly archive: Archive;
	readonly history: History;
	readonly logger: Logger;
}

/** Where a partition of a new log begins. */
export interface ResumedAt {
	readonly partition: number;
	/** Of the new `trades`. */
	readonly logId: string;
	/** The evSeq before its first. */
	readonly evSeq: number;
	readonly config: VenueConfigState;
}

/**
 * What market data was when its log was lost, without the books, as a snapshot at the beginning of a new
 * log: the newest one of the lost log, and the trades that History has after it. So bars and tickers go on
 * as if nothing had been; without it they would begin anew. Bars that closed since go to History. Done again, also when
 * market data has run since, it does nothing.
 */
export async function storeResumedMarket(at: ResumedAt, ports: ResumedMarketPorts): Promise<void> {
	const { partition, logId, evSeq, config } = at;
	const snapshots = new Snapshots(partition, ports);
	const known = await snapshots.ofAnyLog();
	if (known.some((snapshot) => snapshot.logId === logId)) return;
	const [before] = known;
	const symbols: SymbolMarket[] = [];
	let ts = before?.market.ts ?? 0;
	for (const spec of config.symbols.filter((symbol) => symbol.partition === partition)) {
		const market = before?.market.symbol(spec.symbolId) ?? new SymbolMarket(spec);
		await catchUp(market, partition, ports.history);
		const emptied = { ...market.state(RECENT_KEPT), spec, bids: [], asks: [] };
		symbols.push(new SymbolMarket(spec, emptied, market.rolling));
		ts = Math.max(ts, market.trades.last()?.ts ?? 0);
	}
	const position = { evSeq, hash: "", ts };
	const market = new PartitionMarket(partition, { position, venue: config, symbols });
	await snapshots.save(evSeq, encodeSnapshot({ logId, nextOffset: 0, market }));
}

/**
 * The configuration as of the newest snapshot that was taken of a partition's log, and the event at which it stands;
 * null when there is none. What `storeResumedMarket` stores says nothing of its own.
 */
export async function storedConfig(
	partition: number,
	ports: ResumedMarketPorts,
): Promise<{ readonly evSeq: number; readonly config: VenueConfigState } | null> {
	const known = await new Snapshots(partition, ports).ofAnyLog();
	const market = known.find(({ nextOffset }) => nextOffset > 0)?.market;
	return market === undefined ? null : { evSeq: market.evSeq, config: market.venue.state() };
}

/** Takes the trades that History has and the market has not. */
async function catchUp(market: SymbolMarket, partition: number, history: History): Promise<void> {
	const { symbolId } = market.spec;
	const closed = new ClosedBars();
	const after = (fromId: number) => ({ fromId, startMs: null, endMs: null, limit: CHUNK });
	for (;;) {
		const trades = await history.trades(symbolId, after(market.trades.lastId() + 1));
		for (const trade of trades) market.relearn(trade, closed);
		if (trades.length < CHUNK) break;
	}
	for (;;) {
		const rows = await history.aggTrades(symbolId, after(market.aggTrades.lastId() + 1));
		for (const row of rows) market.aggTrades.add(row);
		if (rows.length < CHUNK) break;
	}
	const { klines } = closed;
	const evSeq = await history.position(partition);
	if (klines.length > 0) {
		await history.write({ partition, evSeq, trades: [], aggTrades: [], klines });
	}
}

/** Keeps the bars that History keeps. */
class ClosedBars implements MarketOutputs {
	readonly klines: Kline[] = [];

	barClosed(_market: SymbolMarket, kline: Kline, offsetMs: number): void {
		if (kline.trades > 0 && offsetMs === 0) this.klines.push(kline);
	}

	trade(_market: SymbolMarket, _trade: PublicTrade): void {}

	aggTrade(): void {}

	levelChanged(): void {}
}
