import type { Database } from "bun:sqlite";

/**
 * A query for rows of one symbol. The table's key begins with (symbol_id, idColumn), and its ids and
 * times grow together, as everything does that the log made: so times need no index.
 */
export interface Page {
	readonly table: string;
	readonly columns: string;
	readonly symbolId: number;
	/** More columns and the values they must have; null: none. */
	readonly where: Readonly<Record<string, number | null>>;
	/** What these columns are found by: SQLite would go through all of the symbol. Absent without them. */
	readonly index?: string;
	readonly idColumn: string;
	readonly timeColumn: string;
	/** Inclusive bounds; null is none. */
	readonly fromId: number | null;
	readonly startMs: number | null;
	readonly endMs: number | null;
	readonly limit: number;
}

/**
 * A page of rows, ascending by id: the first ones from the lower bound on, or, without a lower bound,
 * the last ones up to the upper. Times are turned into ids first, so that one index serves both.
 */
export function readPage(db: Database, page: Page): unknown[][] {
	const { idColumn, fromId, startMs, endMs } = page;
	const conditions = [
		"symbol_id = ?",
		...Object.keys(page.where).map((column) => `${column} IS ?`),
	];
	const values: (number | null)[] = [page.symbolId, ...Object.values(page.where)];
	const bound = (operator: ">=" | "<=", id: number | null) => {
		if (id === null) return;
		conditions.push(`${idColumn} ${operator} ?`);
		values.push(id);
	};
	bound(">=", fromId);
	if (startMs !== null) bound(">=", firstIdFrom(db, page, startMs) ?? Number.MAX_SAFE_INTEGER);
	if (endMs !== null) bound("<=", lastIdUpTo(db, page, endMs) ?? -1);
	const newest = fromId === null && startMs === null;
	const indexed = page.index === undefined ? "" : `INDEXED BY ${page.index}`;
	const rows = db
		.query(
			`SELECT ${page.columns} FROM ${page.table} ${indexed} WHERE ${conditions.join(" AND ")}
			ORDER BY ${idColumn} ${newest ? "DESC" : "ASC"} LIMIT ?`,
		)
		.values(...values, page.limit);
	return newest ? rows.reverse() : rows;
}

/** The symbol's last id at or before a time; null when there is none. */
function lastIdUpTo(db: Database, page: Page, ms: number): number | null {
	const { table, idColumn, symbolId } = page;
	const row = db
		.query(
			`SELECT ${idColumn} FROM ${table} WHERE symbol_id = ? AND ${idColumn} < ?
			ORDER BY ${idColumn} DESC LIMIT 1`,
		)
		.values(symbolId, firstIdFrom(db, page, ms + 1) ?? Number.MAX_SAFE_INTEGER)[0];
	return (row?.[0] as number | undefined) ?? null;
}

/** The symbol's first id at or after a time, by halving the ids; null when there is none. */
function firstIdFrom(db: Database, page: Page, ms: number): number | null {
	const { table, idColumn, timeColumn, symbolId } = page;
	const last = db
		.query(`SELECT max(${idColumn}) FROM ${table} WHERE symbol_id = ?`)
		.values(symbolId)[0]?.[0] as number | null;
	const next = db.query(
		`SELECT ${idColumn}, ${timeColumn} FROM ${table} WHERE symbol_id = ? AND ${idColumn} >= ?
		ORDER BY ${idColumn} LIMIT 1`,
	);
	let found: number | null = null;
	let low = 0;
	let high = last ?? -1;
	while (low <= high) {
		const middle = Math.floor((low + high) / 2);
		const [id, time] = next.values(symbolId, middle)[0] as [number, number];
		if (time >= ms) {
			found = id;
			high = middle - 1;
		} else {
			low = id + 1;
		}
	}
	return found;
}
