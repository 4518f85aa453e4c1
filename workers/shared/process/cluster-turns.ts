import { PostgresLeases } from "../../../db/lease/postgres-leases.ts";
import type { ProcessFrame } from "../../../db/machine/process-frame.ts";
import {
	POSTGRES_SETTINGS,
	postgresOf,
	VENUE_SETTINGS,
} from "../../../db/stores/server-settings.ts";
import {
	SettingsError,
	type SettingsOf,
	setting,
	wholeNumbers,
} from "../../../schemas/settings.ts";
import { Turns } from "./turns.ts";

/** Settings of every process that holds leases. */
export const LEASE_SETTINGS = { ...VENUE_SETTINGS, ...POSTGRES_SETTINGS } as const;

/** Settings of every process that works for partitions. */
export const PARTITION_SETTINGS = {
	PARTITIONS_OWNED: setting(
		"partitions that this process works or stands by for, by commas; empty: all",
		"",
		wholeNumbers,
	),
} as const;

/** Turns by leases in PostgreSQL, which end with the frame. `start` them when all are added. */
export function openTurns(settings: SettingsOf<typeof LEASE_SETTINGS>, frame: ProcessFrame): Turns {
	const turns = new Turns(frame, new PostgresLeases(postgresOf(settings)));
	frame.onDrain(() => turns.stop());
	frame.addMetrics(() => turns.metrics());
	return turns;
}

/**
 * The partitions that a process is to work for.
 *
 * @throws SettingsError when the venue has no such partition
 */
export function ownedPartitions(
	settings: SettingsOf<typeof PARTITION_SETTINGS & typeof VENUE_SETTINGS>,
): readonly number[] {
	const { PARTITIONS, PARTITIONS_OWNED } = settings;
	return owned("PARTITIONS_OWNED", PARTITIONS_OWNED, 0, PARTITIONS - 1);
}

/**
 * The numbers that were given for a setting, or all there are.
 *
 * @throws SettingsError when one is not among them
 */
export function owned(
	name: string,
	given: readonly number[] | null,
	first: number,
	last: number,
): readonly number[] {
	const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
	const wrong = given?.find((number) => !all.includes(number));
	if (wrong === undefined) return given ?? all;
	throw new SettingsError(`${name}: there is no ${wrong}, only ${first} to ${last}`);
}
