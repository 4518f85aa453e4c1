import type { Database } from "bun:sqlite";
import {
	type Amendment,
	type Fill,
	isOpen,
	type OrderState,
	type PreventedMatch,
} from "../../schemas/order-state.ts";
import type {
	AmendmentRange,
	FillRange,
	OrderLogBatch,
	OrderLogChanges,
	OrderRange,
	PreventedMatchRange,
	WrittenPosition,
} from "../../schemas/ports/order-log.ts";
import { openDerivedFile, syncDerivedFile } from "../sqlite/derived-file.ts";
import { readPage } from "../sqlite/page-query.ts";
import { amendmentsOfOrders } from "./amendments-of-orders.ts";
import {
	amendmentOf,
	fillOf,
	type OrderKeys,
	type OrderLogRows,
	type Row as OrderRow,
	orderKeys,
	orderLogRows,
	orderOf,
	preventedMatchOf,
} from "./order-state-codec.ts";

const VERSION = 2;

/**
 * Rows come in the order of their keys, so the key is the table; an index more is a third of what a row
 * costs. The state itself is one text, so that a change of a few fields is one short write.
 */
const TABLES = [
	`CREATE TABLE IF NOT EXISTS orders (user_id INTEGER NOT NULL, symbol_id INTEGER NOT NULL,
		order_id INTEGER NOT NULL, client_key INTEGER NOT NULL, created_at_ms INTEGER NOT NULL,
		open_in INTEGER, ev_seq INTEGER NOT NULL, state TEXT NOT NULL,
		PRIMARY KEY (symbol_id, order_id)) WITHOUT ROWID`,
	"CREATE INDEX IF NOT EXISTS orders_by_user ON orders (user_id, symbol_id, order_id)",
	"CREATE INDEX IF NOT EXISTS orders_by_client_key ON orders (client_key)",
	// Small whatever the history: open_in is the partition while the order is open, then null.
	"CREATE INDEX IF NOT EXISTS open_orders ON orders (open_in) WHERE open_in IS NOT NULL",
	// With the order: a trade of a user with himself is two fills.
	`CREATE TABLE IF NOT EXISTS fills (partition INTEGER NOT NULL, symbol_id INTEGER NOT NULL,
		trade_id INTEGER NOT NULL, order_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
		side INTEGER NOT NULL, is_maker INTEGER NOT NULL, price_ticks INTEGER NOT NULL,
		qty_lots INTEGER NOT NULL, fee_amount TEXT NOT NULL, fee_asset_id INTEGER NOT NULL,
		ts INTEGER NOT NULL, ev_seq INTEGER NOT NULL,
		PRIMARY KEY (symbol_id, trade_id, order_id)) WITHOUT ROWID`,
	"CREATE INDEX IF NOT EXISTS fills_by_order ON fills (symbol_id, order_id, trade_id)",
	"CREATE INDEX IF NOT EXISTS fills_by_user ON fills (user_id, symbol_id, trade_id)",
	`CREATE TABLE IF NOT EXISTS amendments (symbol_id INTEGER NOT NULL, order_id INTEGER NOT NULL,
		execution_id INTEGER NOT NULL, user_id INTEGER NOT NULL, orig_client_order_id TEXT NOT NULL,
		client_order_id TEXT NOT NULL, orig_qty_lots INTEGER NOT NULL, new_qty_lots INTEGER NOT NULL,
		ts INTEGER NOT NULL, ev_seq INTEGER NOT NULL,
		PRIMARY KEY (symbol_id, order_id, execution_id)) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS prevented_matches (symbol_id INTEGER NOT NULL,
		prevented_match_id INTEGER NOT NULL, user_id INTEGER NOT NULL, maker_order_id INTEGER NOT NULL,
		taker_order_id INTEGER NOT NULL, price_ticks INTEGER NOT NULL,
		maker_prevented_lots INTEGER NOT NULL, taker_prevented_lots INTEGER NOT NULL,
		stp_mode INTEGER NOT NULL, ts INTEGER NOT NULL, ev_seq INTEGER NOT NULL,
		PRIMARY KEY (symbol_id, prevented_match_id)) WITHOUT ROWID`,
	"CREATE INDEX IF NOT EXISTS prevented_by_maker ON prevented_matches (symbol_id, maker_order_id)",
	"CREATE INDEX IF NOT EXISTS prevented_by_taker ON prevented_matches (symbol_id, taker_order_id)",
	`CREATE TABLE IF NOT EXISTS positions (partition INTEGER PRIMARY KEY, ev_seq INTEGER NOT NULL,
		trades_offset INTEGER NOT NULL)`,
	// A table of its own, so that files of before are of the same version.
	"CREATE TABLE IF NOT EXISTS position_logs (partition INTEGER PRIMARY KEY, log_id TEXT NOT NULL)",
];

const PUT_ORDER = `INSERT INTO orders VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
	ON CONFLICT (symbol_id, order_id) DO UPDATE SET client_key = ?4, open_in = ?6, ev_seq = ?7, state = ?8
	WHERE ?7 > ev_seq`;

/** The usual change, which leaves most indexes alone: SQLite rewrites those of every column it sets. */
const CHANGE_ORDER = `UPDATE orders SET open_in = ?4, ev_seq = ?5, state = ?6
	WHERE symbol_id = ?1 AND order_id = ?2 AND client_key = ?3 AND ev_seq < ?5`;

const PUT_FILL = `INSERT INTO fills VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (symbol_id, trade_id, order_id) DO NOTHING`;

const PUT_AMENDMENT = `INSERT INTO amendments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (symbol_id, order_id, execution_id) DO NOTHING`;

const PUT_PREVENTED_MATCH = `INSERT INTO prevented_matches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (symbol_id, prevented_match_id) DO NOTHING`;

const PUT_POSITION = `INSERT INTO positions VALUES (?, ?, ?)
	ON CONFLICT (partition) DO UPDATE SET ev_seq = excluded.ev_seq, trades_offset = excluded.trades_offset
	WHERE excluded.ev_seq > positions.ev_seq`;

const PUT_POSITION_LOG = `INSERT INTO position_logs VALUES (?, ?)
	ON CONFLICT (partition) DO UPDATE SET log_id = excluded.log_id WHERE excluded.log_id <> log_id`;

const FILL_COLUMNS = `partition, symbol_id, trade_id, order_id, user_id, side, is_maker, price_ticks,
	qty_lots, fee_amount, fee_asset_id, ts, ev_seq`;

const ENDED = "open_in IS NULL";

/**
 * The order log in a SQLite file, synchronously; see OrderLog for what its methods promise. Orders
 * without an id (refused before they had one) are not kept: nobody can ask for them.
 */
export class OrderLogFile {
	private readonly db: Database;
	private readonly writeAll: (batch: OrderLogRows) => void;
	/** As stored: who waits for the order log asks again and again. Nobody else writes the file. */
	private readonly positions = new Map<number, WrittenPosition>();

	/**
	 * @param path a file, whose folder is made, or ":memory:"
	 * @throws Error when the file is of another version
	 */
	constructor(path: string) {
		this.db = openDerivedFile(path, VERSION, TABLES);
		this.writeAll = this.db.transaction((batch: OrderLogRows) => this.writeNow(batch));
	}

	write(batch: OrderLogBatch): void {
		this.writeAll(orderLogRows(batch));
	}

	/** As `write`, of a batch that came as text: it is stored as it came. */
	writeRows(batch: OrderLogRows): void {
		this.writeAll(batch);
	}

	position(partition: number): WrittenPosition {
		const known = this.positions.get(partition) ?? this.storedPosition(partition);
		this.positions.set(partition, known);
		return known;
	}

	private storedPosition(partition: number): WrittenPosition {
		const row = this.db
			.query(`SELECT ev_seq, trades_offset, log_id FROM positions LEFT JOIN position_logs
				USING (partition) WHERE partition = ?`)
			.values(partition)[0] as [number, number, string | null] | undefined;
		return { evSeq: row?.[0] ?? 0, tradesOffset: row?.[1] ?? 0, logId: row?.[2] ?? null };
	}

	orderById(userId: number, symbolId: number, orderId: number): OrderState | null {
		const order = this.select(`symbol_id = ? AND order_id = ? AND ${ENDED}`, [
			symbolId,
			orderId,
		])[0];
		return order?.userId === userId ? order : null;
	}

	orderByClientId(userId: number, symbolId: number, clientOrderId: string): OrderState | null {
		const key = clientKey(userId, symbolId, clientOrderId);
		const orders = this.select(`client_key = ? AND ${ENDED} ORDER BY order_id DESC`, [key]);
		const isIt = (o: OrderState) =>
			o.userId === userId && o.symbolId === symbolId && o.clientOrderId === clientOrderId;
		return orders.find(isIt) ?? null;
	}

	orders(userId: number, symbolId: number, range: OrderRange): readonly OrderState[] {
		return readPage(this.db, {
			table: "orders",
			columns: "state",
			symbolId,
			where: { user_id: userId, open_in: null },
			index: "orders_by_user",
			idColumn: "order_id",
			timeColumn: "created_at_ms",
			fromId: bound(range.fromOrderId),
			startMs: bound(range.startMs),
			endMs: bound(range.endMs),
			limit: range.limit,
		}).map(orderOfRow);
	}

	fills(userId: number, symbolId: number, range: FillRange): readonly Fill[] {
		return readPage(this.db, {
			table: "fills",
			columns: FILL_COLUMNS,
			symbolId,
			where: {
				user_id: userId,
				...(range.orderId === 0 ? {} : { order_id: range.orderId }),
			},
			index: range.orderId === 0 ? "fills_by_user" : "fills_by_order",
			idColumn: "trade_id",
			timeColumn: "ts",
			fromId: bound(range.fromTradeId),
			startMs: bound(range.startMs),
			endMs: bound(range.endMs),
			limit: range.limit,
		}).map(fillOf);
	}

	amendments(
		userId: number,
		symbolId: number,
		{ orderId, fromExecutionId, limit }: AmendmentRange,
	): readonly Amendment[] {
		return this.db
			.query(`SELECT * FROM amendments WHERE symbol_id = ? AND order_id = ? AND execution_id >= ?
				AND user_id = ? ORDER BY execution_id LIMIT ?`)
			.values(symbolId, orderId, fromExecutionId, userId, limit)
			.map(amendmentOf);
	}

	preventedMatches(
		userId: number,
		symbolId: number,
		range: PreventedMatchRange,
	): readonly PreventedMatch[] {
		const ofUser = "SELECT * FROM prevented_matches WHERE symbol_id = ? AND user_id = ?";
		if ("preventedMatchId" in range) {
			return this.db
				.query(`${ofUser} AND prevented_match_id = ?`)
				.values(symbolId, userId, range.preventedMatchId)
				.map(preventedMatchOf);
		}
		const { orderId, fromPreventedMatchId, limit } = range;
		return this.db
			.query(`${ofUser} AND (maker_order_id = ? OR taker_order_id = ?)
				AND prevented_match_id >= ? ORDER BY prevented_match_id LIMIT ?`)
			.values(symbolId, userId, orderId, orderId, fromPreventedMatchId, limit)
			.map(preventedMatchOf);
	}

	openOrders(partition: number): readonly OrderState[] {
		return this.select("open_in = ? ORDER BY symbol_id, order_id", [partition]);
	}

	/** Looks through every order of the file: no index is worth its cost for this. */
	changesAfter(partition: number, evSeq: number): OrderLogChanges {
		const changed = this.select("ev_seq > ? ORDER BY symbol_id, order_id", [evSeq]);
		const orders = changed.filter((order) => order.partition === partition);
		const amendments = this.db
			.query("SELECT * FROM amendments WHERE ev_seq > ? ORDER BY ev_seq")
			.values(evSeq)
			.map(amendmentOf);
		const fills = this.db
			.query(`SELECT ${FILL_COLUMNS} FROM fills WHERE partition = ? AND ev_seq > ?
				ORDER BY ev_seq, symbol_id, trade_id, order_id`)
			.values(partition, evSeq);
		return { orders, fills: fills.map(fillOf), amendments: amendmentsOfOrders(amendments, orders) };
	}

	sync(): void {
		syncDerivedFile(this.db);
	}

	close(): void {
		this.db.close();
	}

	private writeNow(batch: OrderLogRows): void {
		this.positions.delete(batch.partition);
		for (const row of batch.orders) this.putOrder(orderKeys(row), row);
		this.putRows(PUT_FILL, batch.fills);
		this.putRows(PUT_AMENDMENT, batch.amendments);
		this.putRows(PUT_PREVENTED_MATCH, batch.preventedMatches);
		const { changes } = this.db
			.query(PUT_POSITION)
			.run(batch.partition, batch.evSeq, batch.tradesOffset);
		if (changes > 0) this.db.query(PUT_POSITION_LOG).run(batch.partition, batch.logId);
	}

	private putRows(statement: string, rows: readonly OrderRow[]): void {
		const put = this.db.query(statement);
		for (const row of rows) put.run(...(row as (number | string)[]));
	}

	private putOrder(o: OrderKeys, row: OrderRow): void {
		if (o.orderId === 0) return;
		const key = clientKey(o.userId, o.symbolId, o.clientOrderId);
		const openIn = isOpen(o.status) ? o.partition : null;
		const state = JSON.stringify(row);
		if (o.updatedAtMs > o.createdAtMs) {
			const { changes } = this.db
				.query(CHANGE_ORDER)
				.run(o.symbolId, o.orderId, key, openIn, o.evSeq, state);
			if (changes === 1) return;
		}
		this.db
			.query(PUT_ORDER)
			.run(o.userId, o.symbolId, o.orderId, key, o.createdAtMs, openIn, o.evSeq, state);
	}

	private select(condition: string, values: (number | string)[]): OrderState[] {
		const rows = this.db.query(`SELECT state FROM orders WHERE ${condition}`).values(...values);
		return rows.map(orderOfRow);
	}
}

/** A short number for a client id, for the index; others may share it, so readers compare. */
function clientKey(userId: number, symbolId: number, clientOrderId: string): number {
	return Bun.hash.xxHash32(`${userId}/${symbolId}/${clientOrderId}`);
}

function orderOfRow(row: readonly unknown[]): OrderState {
	return orderOf(JSON.parse(row[0] as string));
}

/** 0 is "not asked for". */
function bound(value: number): number | null {
	return value === 0 ? null : value;
}
