import * as v from "valibot";

/** A setting: what it means, what it is when not given (null: it must be), and how its text is read. */
export interface Setting<T> {
	readonly help: string;
	readonly fallback: string | null;
	readonly schema: v.GenericSchema<string, T>;
	/** Its value is never shown. */
	readonly isSecret: boolean;
}

/** Settings by their environment variables. */
export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** The values that an environment gives to a table. */
export type SettingsOf<T extends SettingsTable> = {
	readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never;
};

/** Variables by name, as a process finds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting in the environment is no good; the message names it, and no secret value. */
export class SettingsError extends Error {
	override readonly name = "SettingsError";
}

/**
 * A setting that may be shown.
 *
 * @param fallback what it is when not given; null: it must be
 * @param schema reads its text, and says what the text must be
 */
export function setting<T>(
	help: string,
	fallback: string | null,
	schema: v.GenericSchema<string, T>,
): Setting<T> {
	return { help, fallback, schema, isSecret: false };
}

/** The same, of a value that is never shown. */
export function secretSetting<T>(
	help: string,
	fallback: string | null,
	schema: v.GenericSchema<string, T>,
): Setting<T> {
	return { help, fallback, schema, isSecret: true };
}

/** Any text. */
export const textValue: v.GenericSchema<string, string> = v.string();

/** 1 or 0. */
export const onOff: v.GenericSchema<string, boolean> = v.pipe(
	v.string(),
	v.picklist(["0", "1"], "must be 0 or 1"),
	v.transform((text) => text === "1"),
);

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): v.GenericSchema<string, number> {
	const range = `a whole number from ${least} to ${most}`;
	return v.pipe(
		v.string(),
		v.regex(/^\d{1,15}$/, `must be ${range}`),
		v.transform(Number),
		v.minValue(least, `must be ${range}`),
		v.maxValue(most, `must be ${range}`),
	);
}

/** One of some words. */
export function oneOf<const T extends string>(...words: readonly T[]): v.GenericSchema<string, T> {
	const all = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
	return v.pipe(v.string(), v.picklist(words, `must be ${all}`));
}

/** Words by commas; "" is none. */
export const listed: v.GenericSchema<string, readonly string[]> = v.pipe(
	v.string(),
	v.transform((text) => (text === "" ? [] : text.split(",").map((word) => word.trim()))),
);

/** Whole numbers by commas, each once; "" is null: whatever there is. */
export const wholeNumbers: v.GenericSchema<string, readonly number[] | null> = v.pipe(
	v.string(),
	v.regex(/^(\d{1,4}(,\d{1,4})*)?$/, "must be whole numbers by commas"),
	v.transform((text) => (text === "" ? null : [...new Set(text.split(",").map(Number))])),
);

const NO_TEXTS = "must be a JSON object of texts";

/** A JSON object of texts; "" is null. */
export const jsonOfTexts: v.GenericSchema<string, Readonly<Record<string, string>> | null> = v.pipe(
	v.string(),
	v.transform((text) => (text === "" ? null : objectIn(text))),
	v.nullable(v.record(v.string(), v.string(NO_TEXTS), NO_TEXTS)),
);

/** Undefined when it is none. */
function objectIn(text: string): unknown {
	try {
		const value: unknown = JSON.parse(text);
		return Array.isArray(value) || value === null ? undefined : value;
	} catch {
		return undefined;
	}
}

/**
 * The settings of an environment. An empty variable is one that is not given.
 *
 * @throws SettingsError naming every setting that is wrong
 */
export function readSettings<T extends SettingsTable>(
	table: T,
	environment: Environment,
): SettingsOf<T> {
	const values: Record<string, unknown> = {};
	const missing: string[] = [];
	const faults: string[] = [];
	for (const [name, { schema, fallback, isSecret }] of Object.entries(table)) {
		const text = environment[name] || fallback;
		if (text === null) {
			missing.push(name);
			continue;
		}
		const result = v.safeParse(schema, text);
		if (result.success) values[name] = result.output;
		else faults.push(`${name}${isSecret ? "" : `=${text}`}: ${result.issues[0].message}`);
	}
	if (missing.length > 0) faults.unshift(`${missing.join(", ")} must be given`);
	if (faults.length > 0) throw new SettingsError(faults.join("\n"));
	return values as SettingsOf<T>;
}

/**
 * What --help prints.
 *
 * @param fallbacks shown instead of the table's own, by name
 */
export function settingsHelp(
	table: SettingsTable,
	fallbacks: Readonly<Record<string, string>> = {},
): string {
	const lines = Object.entries(table).map(([name, { help, fallback }]) => {
		const standard = fallbacks[name] ?? fallback;
		const shown = standard === null ? " (must be given)" : standard && ` (${standard})`;
		return `  ${name.padEnd(28)}${help}${shown}`;
	});
	return `Settings, by environment variable (and what they are when not given):\n${lines.join("\n")}`;
}
