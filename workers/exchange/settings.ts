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
import {
	ACCOUNT_LIMITS,
	API_SETTINGS,
	AUDIT_SETTINGS,
	CLIENT_ID_SETTINGS,
	CLIENT_SETTINGS,
	OPERATOR_SETTINGS,
} from "../../schemas/venue-settings.ts";

/** Every setting of the exchange in one process, by its environment variable. */
export const SETTINGS = {
	PORT: setting("port of REST and WebSocket; 0 lets the system choose", "3000", whole(0, 65_535)),
	HOST: setting("address to listen on; 0.0.0.0 for every one", "127.0.0.1", textValue),
	DATA_DIR: setting("folder of everything it keeps", "", textValue),
	DEMO: setting("1: demo users, keys and two market-making bots", "1", onOff),
	PARTITIONS: setting("partitions of the log, fixed at the first start", "1", whole(1, 64)),
	LOG_KEEP_DAYS: setting(
		"days that the log's files stay on the disk at least; more than the age of any backup of PostgreSQL that may be restored",
		"30",
		whole(0, 36_500),
	),
	LOG_FILE_MIB: setting(
		"a file of the log ends at this size; it goes whole",
		"64",
		whole(1, 1_024),
	),
	DISK_FULL_PERCENT: setting(
		"new orders are refused while the disk of DATA_DIR is this full; cancels go on",
		"85",
		whole(1, 100),
	),
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
	...OPERATOR_SETTINGS,
	...API_SETTINGS,
	...ACCOUNT_LIMITS,
	...CLIENT_ID_SETTINGS,
	...AUDIT_SETTINGS,
	...CLIENT_SETTINGS,
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
