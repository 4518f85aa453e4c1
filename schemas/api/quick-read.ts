import type * as v from "valibot";

/**
 * A way to read a parameter that most are sent in: its value from its text, or undefined to leave the
 * text to the schema, which says what is wrong with it.
 */
type QuickRead = (text: string) => unknown;

const reads = new WeakMap<object, QuickRead>();

/** The schema, with a quick way beside it. What that reads, the schema must read in the same way. */
export function withQuickRead<Schema extends object>(schema: Schema, read: QuickRead): Schema {
	reads.set(schema, read);
	return schema;
}

interface Field {
	readonly name: string;
	readonly optional: boolean;
	readonly read: QuickRead;
}

/**
 * The object schema with a quick way: every call of the API comes through here, and nearly all of them
 * have nothing but texts that are in order. Whatever else there is goes through the schema from the
 * beginning.
 */
export function withQuickFields<Schema extends v.GenericSchema>(
	schema: Schema,
	entries: v.ObjectEntries,
): Schema {
	const fields: Field[] = [];
	for (const [name, entry] of Object.entries(entries)) {
		const field = fieldOf(name, entry);
		if (field === null) return schema;
		fields.push(field);
	}
	const run = schema["~run"].bind(schema);
	const quickly: Schema["~run"] = (dataset, config) => {
		const output = outputOf(fields, dataset.value);
		if (output === null) return run(dataset, config);
		return { typed: true, value: output } as ReturnType<typeof run>;
	};
	return { ...schema, "~run": quickly };
}

/** null when there is no quick way to read it. */
function fieldOf(name: string, entry: v.ObjectEntries[string]): Field | null {
	const optional = entry.type === "optional";
	const { wrapped, default: otherwise } = entry as { wrapped?: object; default?: unknown };
	const read = reads.get(optional ? (wrapped ?? entry) : entry);
	// What stands for a missing one, the schema knows.
	if (read === undefined || otherwise !== undefined) return null;
	return { name, optional, read };
}

function outputOf(fields: readonly Field[], input: unknown): object | null {
	if (typeof input !== "object" || input === null) return null;
	const values = input as Readonly<Record<string, unknown>>;
	const output: Record<string, unknown> = {};
	for (const { name, optional, read } of fields) {
		const text = values[name];
		if (text === undefined && optional && !(name in values)) continue;
		if (typeof text !== "string") return null;
		const value = read(text);
		if (value === undefined) return null;
		output[name] = value;
	}
	return output;
}
