import { isAbsolute, resolve } from "node:path";
import {
	type Environment,
	oneOf,
	onOff,
	readSettings as readTable,
	type SettingsOf,
	setting,
	settingsHelp as tableHelp,
	textValue,
	whole,
} from "../../schemas/settings.ts";

/** Every setting of the exchange in one process, by its environment variable. */
export const SETTINGS = {
	PORT: setting("port of REST and WebSocket; 0 lets the system choose", "3000", whole(0, 65_535)),
	HOST: setting("address to listen on; 0.0.0.0 for every one", "127.0.0.1", textValue),
	DATA_DIR: setting("folder of everything it keeps", "", textValue),
	DEMO: setting("1: demo users, keys and two market-making bots", "1", onOff),
	PARTITIONS: setting("partitions of the log, fixed at the first start", "1", whole(1, 64)),
	LOG_LEVEL: setting(
		"info, warn, error or off; lines go to DATA_DIR/exchange.log",
		"info",
		oneOf("info", "warn", "error", "off"),
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

export type ExchangeSettings = SettingsOf<typeof SETTINGS>;

/**
 * The settings of an environment.
 *
 * @param defaultDataDir for DATA_DIR when it is not given
 * @throws SettingsError naming every setting that is wrong
 */
export function readSettings(environment: Environment, defaultDataDir: string): ExchangeSettings {
	const values = readTable(SETTINGS, environment);
	const dataDir = values.DATA_DIR || defaultDataDir;
	return { ...values, DATA_DIR: isAbsolute(dataDir) ? dataDir : resolve(dataDir) };
}

/** What --help prints. */
export function settingsHelp(defaultDataDir: string): string {
	return tableHelp(SETTINGS, { DATA_DIR: defaultDataDir });
}
