import { arrayText, textArrayText } from "./array-text.ts";

type ColumnType = "integer" | "bigint" | "numeric" | "text" | "jsonb";

/** A column of many rows: its name, its type, and where a row has its value. */
export interface RowColumn<R> {
	readonly name: string;
	readonly type: ColumnType;
	/** For jsonb, anything that JSON can say. */
	readonly of: (row: R) => number | bigint | string | readonly unknown[];
}

/** What is sent to the server, its values ready. */
export interface Statement {
	readonly text: string;
	readonly parameters: (number | string)[];
}

/** Many rows of one shard in one statement, whatever their number; without rows, in none. */
export type RowsStatement<R> = (shard: number, rows: readonly R[]) => Statement | null;

/** INSERT … SELECT FROM unnest; `conflict` is what follows ON CONFLICT, "" for none. */
export function insertRows<R>(
	table: string,
	columns: readonly RowColumn<R>[],
	conflict: string,
): RowsStatement<R> {
	const names = columns.map((column) => column.name).join(", ");
	const values = columns.map(({ name }) => `rows.${name}`).join(", ");
	return statement(
		columns,
		`insert into ${table} (shard, ${names})
		select $1::integer, ${values} from ${unnest(columns)}
		${conflict === "" ? "" : `on conflict ${conflict}`}`,
	);
}

/** INSERT that replaces what stands under the same key. */
export function upsertRows<R>(
	table: string,
	keys: readonly RowColumn<R>[],
	values: readonly RowColumn<R>[],
): RowsStatement<R> {
	const target = ["shard", ...keys.map((key) => key.name)].join(", ");
	const set = values.map(({ name }) => `${name} = excluded.${name}`).join(", ");
	return insertRows(table, [...keys, ...values], `(${target}) do update set ${set}`);
}

/** Documents come as one JSON array: far cheaper to write and read than an array of quoted texts. */
function unnest<R>(columns: readonly RowColumn<R>[]): string {
	const arrays = columns.map(({ type }, i) =>
		type === "jsonb"
			? `jsonb_array_elements($${i + 2}::text::jsonb)`
			: `unnest($${i + 2}::text::${type}[])`,
	);
	const names = columns.map(({ name }) => name);
	return `rows from (${arrays.join(", ")}) as rows(${names.join(", ")})`;
}

function statement<R>(columns: readonly RowColumn<R>[], text: string): RowsStatement<R> {
	return (shard, rows) => {
		if (rows.length === 0) return null;
		return { text, parameters: [shard, ...columns.map((column) => columnText(column, rows))] };
	};
}

function columnText<R>({ type, of }: RowColumn<R>, rows: readonly R[]): string {
	if (type === "jsonb") return JSON.stringify(rows.map(of));
	if (type === "text") return textArrayText(rows.map((row) => of(row) as string));
	return arrayText(rows.map((row) => of(row) as number | bigint));
}
