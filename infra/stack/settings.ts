import { resolve } from "node:path";
import { FRAME_SETTINGS } from "../../db/machine/process-frame.ts";
import { REDIS_SETTINGS, VENUE_SETTINGS } from "../../db/stores/server-settings.ts";
import { storesSettings } from "../../db/stores/stores-settings.ts";
import {
	type Environment,
	jsonOfTexts,
	oneOf,
	onOff,
	readSettings,
	type SettingsOf,
	secretSetting,
	setting,
	settingsHelp,
	textValue,
	whole,
} from "../../schemas/settings.ts";
import {
	ACCOUNT_LIMITS,
	API_SETTINGS,
	CLIENT_ID_SETTINGS,
	CLIENT_SETTINGS,
	OPERATOR_SETTINGS,
} from "../../schemas/venue-settings.ts";

/** The stack's own settings; all others of its processes pass through it. */
const STACK_SETTINGS = {
	PORT: setting("port of REST and WebSocket; 0 lets the system choose", "3000", whole(0, 65_535)),
	HOST: setting("address to listen on; 0.0.0.0 for every one", "127.0.0.1", textValue),
	DATA_DIR: setting("folder of everything it keeps", "", textValue),
	VENUE: VENUE_SETTINGS.VENUE,
	EDGE: setting("what the edge runs under: bun or deno", "bun", oneOf("bun", "deno")),
	PARTITIONS: setting("partitions of the log, fixed at the first start", "2", whole(1, 64)),
	ACCOUNT_SHARDS: setting("shards of accounts, fixed at the first start", "2", whole(1, 256)),
	EDGES: setting("edge processes", "2", whole(1, 16)),
	STREAMS: setting("streams processes", "2", whole(1, 16)),
	STANDBYS: setting("1: a process that stands by for accounts, one for matching", "1", onOff),
	// It has their passwords.
	SERVERS: secretSetting(
		"servers that run already, as a JSON object of their settings; empty: it starts its own",
		"",
		jsonOfTexts,
	),
} as const;

const { LOG_LEVEL, LOG_ONE_IN, DRAIN_MS } = FRAME_SETTINGS;
/** Of its processes, as they are: they pass through it, and are looked at before anything is started. */
const PASSED_ON = {
	...{ LOG_LEVEL, LOG_ONE_IN, DRAIN_MS },
	...API_SETTINGS,
	...ACCOUNT_LIMITS,
	...CLIENT_ID_SETTINGS,
	...CLIENT_SETTINGS,
	...OPERATOR_SETTINGS,
} as const;

export type StackSettings = SettingsOf<typeof STACK_SETTINGS>;

/** @throws SettingsError naming every setting that is wrong */
export function stackSettings(environment: Environment, defaultDataDir: string): StackSettings {
	const values = readSettings({ ...STACK_SETTINGS, ...PASSED_ON }, environment);
	return { ...values, DATA_DIR: resolve(values.DATA_DIR || defaultDataDir) };
}

/** @throws SettingsError naming what is wrong with the servers that an environment of its processes names */
export function checkServers(environment: Environment): void {
	storesSettings(environment, "castle-stack");
	readSettings(REDIS_SETTINGS, environment);
}

/** What --help prints. */
export function stackSettingsHelp(defaultDataDir: string): string {
	return settingsHelp(STACK_SETTINGS, { DATA_DIR: defaultDataDir });
}
