import type { Database } from "bun:sqlite";
import type { AggTrade, Kline, KlineInterval, PublicTrade } from "../../schemas/market.ts";
import type { HistoryBatch } from "../../schemas/ports/history.ts";
import type { TradeRange } from "../../schemas/ports/market-data.ts";
import { openDerivedFile, syncDerivedFile } from "../sqlite/derived-file.ts";
import { readPage } from "../sqlite/page-query.ts";
import {
	aggTradeOf,
	aggTradeRow,
	intervalNumber,
	klineOf,
	klineRow,
	tradeOf,
	tradeRow,
} from "./row-codec.ts";

const VERSION = 1;

/** Rows of a few whole numbers, which come in the order of their keys: so the key is the table. */
const TABLES = [
	`CREATE TABLE IF NOT EXISTS trades (symbol_id INTEGER, trade_id INTEGER, price_ticks INTEGER,
		qty_lots INTEGER, ts INTEGER, buyer_is_maker INTEGER, PRIMARY KEY (symbol_id, trade_id))
		WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS agg_trades (symbol_id INTEGER, agg_trade_id INTEGER,
		price_ticks INTEGER, qty_lots INTEGER, first_trade_id INTEGER, last_trade_id INTEGER,
		ts INTEGER, buyer_is_maker INTEGER, PRIMARY KEY (symbol_id, agg_trade_id)) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS klines (symbol_id INTEGER, interval INTEGER, open_time_ms INTEGER,
		close_time_ms INTEGER, open_ticks INTEGER, high_ticks INTEGER, low_ticks INTEGER,
		close_ticks INTEGER, volume_lots TEXT, quote_tick_lots TEXT, taker_buy_lots TEXT,
		taker_buy_tick_lots TEXT, trades INTEGER, first_trade_id INTEGER, last_trade_id INTEGER,
		PRIMARY KEY (symbol_id, interval, open_time_ms)) WITHOUT ROWID`,
	"CREATE TABLE IF NOT EXISTS positions (partition INTEGER PRIMARY KEY, ev_seq INTEGER NOT NULL)",
];

const KLINE_COLUMNS = `symbol_id, interval, open_time_ms, close_time_ms, open_ticks, high_ticks,
	low_ticks, close_ticks, volume_lots, quote_tick_lots, taker_buy_lots, taker_buy_tick_lots, trades, first_trade_id,
	last_trade_id`;

/** History in a SQLite file, synchronously; see History for what its methods promise. */
export class HistoryFile {
	private readonly db: Database;
	private readonly writeAll: (batch: HistoryBatch) => void;

	/**
	 * @param path a file, whose folder is made, or ":memory:"
	 * @throws Error when the file is of another version
	 */
	constructor(path: string) {
		this.db = openDerivedFile(path, VERSION, TABLES);
		this.writeAll = this.db.transaction((batch: HistoryBatch) => this.writeNow(batch));
	}

	write(batch: HistoryBatch): void {
		this.writeAll(batch);
	}

	position(partition: number): number {
		const row = this.db
			.query("SELECT ev_seq FROM positions WHERE partition = ?")
			.values(partition)[0];
		return (row?.[0] as number | undefined) ?? 0;
	}

	trades(symbolId: number, range: TradeRange): readonly PublicTrade[] {
		return readPage(this.db, {
			table: "trades",
			columns: "symbol_id, trade_id, price_ticks, qty_lots, ts, buyer_is_maker",
			symbolId,
			where: {},
			idColumn: "trade_id",
			timeColumn: "ts",
			...range,
		}).map((row) => tradeOf(row as number[]));
	}

	aggTrades(symbolId: number, range: TradeRange): readonly AggTrade[] {
		return readPage(this.db, {
			table: "agg_trades",
			columns:
				"symbol_id, agg_trade_id, price_ticks, qty_lots, first_trade_id, last_trade_id, ts, buyer_is_maker",
			symbolId,
			where: {},
			idColumn: "agg_trade_id",
			timeColumn: "ts",
			...range,
		}).map((row) => aggTradeOf(row as number[]));
	}

	klines(
		symbolId: number,
		interval: KlineInterval,
		range: Omit<TradeRange, "fromId">,
	): readonly Kline[] {
		const newest = range.startMs === null;
		const rows = this.db
			.query(
				`SELECT ${KLINE_COLUMNS} FROM klines
				WHERE symbol_id = ? AND interval = ? AND open_time_ms >= ? AND open_time_ms <= ?
				ORDER BY open_time_ms ${newest ? "DESC" : "ASC"} LIMIT ?`,
			)
			.values(
				symbolId,
				intervalNumber(interval),
				range.startMs ?? Number.MIN_SAFE_INTEGER,
				range.endMs ?? Number.MAX_SAFE_INTEGER,
				range.limit,
			);
		if (newest) rows.reverse();
		return rows.map(klineOf);
	}

	klineBefore(symbolId: number, interval: KlineInterval, beforeMs: number): Kline | null {
		const range = { startMs: null, endMs: beforeMs - 1, limit: 1 };
		return this.klines(symbolId, interval, range)[0] ?? null;
	}

	sync(): void {
		syncDerivedFile(this.db);
	}

	close(): void {
		this.db.close();
	}

	private writeNow(batch: HistoryBatch): void {
		const trade = this.insert("trades", 6);
		for (const t of batch.trades) trade.run(...tradeRow(t));
		const aggTrade = this.insert("agg_trades", 8);
		for (const t of batch.aggTrades) aggTrade.run(...aggTradeRow(t));
		const kline = this.insert("klines", 15);
		for (const k of batch.klines) kline.run(...klineRow(k));
		this.db
			.query(
				`INSERT INTO positions VALUES (?, ?)
				ON CONFLICT (partition) DO UPDATE SET ev_seq = max(ev_seq, excluded.ev_seq)`,
			)
			.run(batch.partition, batch.evSeq);
	}

	/** What is there stays: it can only be the same again. */
	private insert(table: string, columns: number) {
		const places = new Array(columns).fill("?").join(", ");
		return this.db.query(`INSERT INTO ${table} VALUES (${places}) ON CONFLICT DO NOTHING`);
	}
}
