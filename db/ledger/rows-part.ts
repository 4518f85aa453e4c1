import { arrayText, textArrayText } from "./array-text.ts";

type ColumnType = "integer" | "bigint" | "numeric" | "text" | "json";

/** A column of many rows: its name, its type, and where a row has its value. */
export interface RowColumn<R> {
	readonly name: string;
	readonly type: ColumnType;
	/** For json, its text. */
	readonly of: (row: R) => number | bigint | string;
}

export type Parameter = number | string | null;

/** Values of a statement, in the order of their names. */
export class Parameters {
	readonly values: Parameter[] = [];

	/** The value's name in the statement: $1, $2, … */
	name(value: Parameter): string {
		this.values.push(value);
		return `$${this.values.length}`;
	}
}

/** A part of a statement, the same text whatever the rows; it does something if the batch is claimed. */
export type RowsPart<R> = (shard: string, rows: readonly R[], parameters: Parameters) => string;

/** What every part says of itself: it does nothing for a worker whose batch is not the next one. */
export const IF_CLAIMED = "exists (select from claimed)";

/** INSERT … SELECT FROM unnest. A row whose key is there already breaks a rule: the batch is refused. */
export function insertRows<R>(table: string, columns: readonly RowColumn<R>[]): RowsPart<R> {
	const names = columns.map((column) => column.name).join(", ");
	const values = columns.map(({ name }) => `rows.${name}`).join(", ");
	return (shard, rows, parameters) => {
		const arrays = columns.map((column) => arrayOf(column, rows, parameters)).join(", ");
		return (
			`insert into ${table} (shard, ${names}) select ${shard}, ${values} ` +
			`from rows from (${arrays}) as rows(${names}) where ${IF_CLAIMED}`
		);
	};
}

/** INSERT that replaces what stands under the same key. */
export function upsertRows<R>(
	table: string,
	keys: readonly RowColumn<R>[],
	values: readonly RowColumn<R>[],
): RowsPart<R> {
	const target = ["shard", ...keys.map((key) => key.name)].join(", ");
	const set = values.map(({ name }) => `${name} = excluded.${name}`).join(", ");
	const insert = insertRows(table, [...keys, ...values]);
	return (...batch) => `${insert(...batch)} on conflict (${target}) do update set ${set}`;
}

/** No JSON text has it: control characters are escaped there. So none needs quotes, which cost more than the rest. */
const SEPARATOR = 30;

function arrayOf<R>(
	{ type, of }: RowColumn<R>,
	rows: readonly R[],
	parameters: Parameters,
): string {
	if (type === "json") {
		const texts = rows.map(of).join(String.fromCharCode(SEPARATOR));
		return `unnest(string_to_array(${parameters.name(texts)}::text, chr(${SEPARATOR})))`;
	}
	const text =
		type === "text"
			? textArrayText(rows.map((row) => of(row) as string))
			: arrayText(rows.map((row) => of(row) as number | bigint));
	return `unnest(${parameters.name(text)}::text::${type}[])`;
}
