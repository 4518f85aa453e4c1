import { isAbsolute, resolve } from "node:path";
import * as v from "valibot";

/** A setting: what it means, what it is when not given, and how its text is read. */
interface Setting<T> {
	readonly help: string;
	readonly fallback: string;
	readonly schema: v.GenericSchema<string, T>;
}

function setting<T>(
	help: string,
	fallback: string,
	schema: v.GenericSchema<string, T>,
): Setting<T> {
	return { help, fallback, schema };
}

function whole(least: number, most: number): v.GenericSchema<string, number> {
	const range = `a whole number from ${least} to ${most}`;
	return v.pipe(
		v.string(),
		v.regex(/^\d{1,15}$/, `must be ${range}`),
		v.transform(Number),
		v.minValue(least, `must be ${range}`),
		v.maxValue(most, `must be ${range}`),
	);
}

const onOff: v.GenericSchema<string, boolean> = v.pipe(
	v.string(),
	v.picklist(["0", "1"], "must be 0 or 1"),
	v.transform((text) => text === "1"),
);

const text: v.GenericSchema<string, string> = v.string();

/** Every setting of the exchange in one process, by its environment variable. */
export const SETTINGS = {
	PORT: setting("port of REST and WebSocket; 0 lets the system choose", "3000", whole(0, 65_535)),
	HOST: setting("address to listen on; 0.0.0.0 for every one", "127.0.0.1", text),
	DATA_DIR: setting("folder of everything it keeps", "", text),
	DEMO: setting("1: demo users, keys and two market-making bots", "1", onOff),
	PARTITIONS: setting("partitions of the log, fixed at the first start", "1", whole(1, 64)),
	LOG_LEVEL: setting(
		"info, warn, error or off; lines go to DATA_DIR/exchange.log",
		"info",
		v.picklist(["info", "warn", "error", "off"], "must be info, warn, error or off"),
	),
	LOG_ONE_IN: setting(
		"of the requests that went well, one in so many is logged",
		"1",
		whole(1, 1e9),
	),
	OPERATOR_PORT: setting(
		"port of the operator's listener, on 127.0.0.1 only; 0 lets the system choose",
		"0",
		whole(0, 65_535),
	),
	WEIGHT_PER_MINUTE: setting("request weight per IP and minute", "6000", whole(1, 1e12)),
	RAW_REQUESTS_PER_5_MINUTES: setting("requests per IP and 5 minutes", "300000", whole(1, 1e12)),
	ORDERS_PER_10_SECONDS: setting("unfilled orders per account and 10 s", "100", whole(1, 1e12)),
	ORDERS_PER_DAY: setting("unfilled orders per account and day", "200000", whole(1, 1e12)),
	CONNECTIONS_PER_5_MINUTES: setting("WebSocket connects per IP and 5 min", "300", whole(1, 1e12)),
	CLIENT_ORDER_ID_MINUTES: setting(
		"how long a finished order's clientOrderId stays taken",
		"10",
		whole(2, 1_440),
	),
	MAX_CLIENT_ORDER_IDS: setting(
		"client order ids remembered per account",
		"200000",
		whole(1_000, 1e9),
	),
	ENGINE_WAIT_MS: setting("longest wait for the engine, then -1007", "10000", whole(100, 60_000)),
	SIGN_UP: setting("1: people may sign up by themselves", "1", onOff),
	TRUST_FORWARDED_FOR: setting("1: the client's address is in X-Forwarded-For", "0", onOff),
} as const;

type Values = {
	readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never;
};

export type ExchangeSettings = Values;

/** A setting in the environment is no good; the message names it. */
export class SettingsError extends Error {
	override readonly name = "SettingsError";
}

/**
 * The settings of an environment.
 *
 * @param defaultDataDir for DATA_DIR when it is not given
 * @throws SettingsError naming every setting that is wrong
 */
export function readSettings(
	environment: Readonly<Record<string, string | undefined>>,
	defaultDataDir: string,
): ExchangeSettings {
	const values: Record<string, unknown> = {};
	const faults: string[] = [];
	for (const [name, { schema, fallback }] of Object.entries(SETTINGS)) {
		const given = environment[name];
		const result = v.safeParse(schema, given === undefined || given === "" ? fallback : given);
		if (result.success) values[name] = result.output;
		else faults.push(`${name}=${given}: ${result.issues[0].message}`);
	}
	if (faults.length > 0) throw new SettingsError(faults.join("\n"));
	const dataDir = (values["DATA_DIR"] as string) || defaultDataDir;
	values["DATA_DIR"] = isAbsolute(dataDir) ? dataDir : resolve(dataDir);
	return values as ExchangeSettings;
}

/** What --help prints. */
export function settingsHelp(defaultDataDir: string): string {
	const lines = Object.entries(SETTINGS).map(([name, { help, fallback }]) => {
		const standard = name === "DATA_DIR" ? defaultDataDir : fallback;
		return `  ${name.padEnd(28)}${help} (${standard})`;
	});
	return `Settings, by environment variable (and what they are when not given):\n${lines.join("\n")}`;
}
