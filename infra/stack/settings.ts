import { resolve } from "node:path";
import { VENUE_SETTINGS } from "../../db/stores/server-settings.ts";
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

export type StackSettings = SettingsOf<typeof STACK_SETTINGS>;

/** @throws SettingsError naming every setting that is wrong */
export function stackSettings(environment: Environment, defaultDataDir: string): StackSettings {
	const values = readSettings(STACK_SETTINGS, environment);
	return { ...values, DATA_DIR: resolve(values.DATA_DIR || defaultDataDir) };
}

/** What --help prints. */
export function stackSettingsHelp(defaultDataDir: string): string {
	return settingsHelp(STACK_SETTINGS, { DATA_DIR: defaultDataDir });
}
