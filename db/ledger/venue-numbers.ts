import { invariant } from "../../schemas/invariant.ts";
import { SettingsError } from "../../schemas/settings.ts";
import type { PostgresSettings } from "./connection-settings.ts";
import { PostgresPool } from "./postgres-pool.ts";

/** What is fixed at a venue's beginning: where a symbol and a user belong hangs on it. */
export interface VenueNumbers {
	readonly partitions: number;
	readonly accountShards: number;
}

/**
 * Fixes the numbers when nobody has yet, and holds them to those that were. Migrations must have been
 * applied.
 *
 * @throws SettingsError when the venue was begun with others
 * @throws LedgerUnavailable
 */
export async function holdToVenueNumbers(
	settings: PostgresSettings,
	numbers: VenueNumbers,
): Promise<void> {
	const pool = new PostgresPool(settings, 1, (client) => client);
	try {
		const fixed = await pool.run(async (sql) => {
			const { partitions, accountShards } = numbers;
			await sql`
				insert into venue_numbers (id, partitions, account_shards)
				values (1, ${partitions}, ${accountShards}) on conflict do nothing`;
			const [row] = await sql<VenueNumbers[]>`
				select partitions, account_shards from venue_numbers where id = 1`;
			invariant(row !== undefined, "the venue's numbers did not come back");
			return row;
		});
		hold("PARTITIONS", numbers.partitions, fixed.partitions);
		hold("ACCOUNT_SHARDS", numbers.accountShards, fixed.accountShards);
	} finally {
		await pool.close();
	}
}

function hold(name: string, asked: number, fixed: number): void {
	if (asked === fixed) return;
	throw new SettingsError(`${name}=${asked}: the venue was begun with ${fixed}`);
}
