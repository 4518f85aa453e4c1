import type { Leases } from "../../schemas/ports/leases.ts";
import type { PostgresSettings } from "../ledger/connection-settings.ts";
import { PostgresPool, type RawClient } from "../ledger/postgres-pool.ts";

/** Each answer is awaited before the next question of the same lease. */
const CONNECTIONS = 2;

/** Leases in PostgreSQL, by its clock. Migrations must have been applied. */
export class PostgresLeases implements Leases {
	private readonly pool: PostgresPool<RawClient>;

	constructor(settings: PostgresSettings) {
		this.pool = new PostgresPool(settings, CONNECTIONS, (client) => client);
	}

	/** One statement: the row's lock is what compares and swaps. */
	take(name: string, holder: string, ttlMs: number): Promise<boolean> {
		return this.pool.run(async (sql) => {
			const taken = await sql`
				insert into leases (name, holder, runs_out_at)
				values (${name}, ${holder}, clock_timestamp() + ${ttlMs}::bigint * interval '1 ms')
				on conflict (name) do update
				set holder = excluded.holder, runs_out_at = excluded.runs_out_at
				where leases.holder = excluded.holder or leases.runs_out_at < clock_timestamp()`;
			return taken.count === 1;
		});
	}

	async release(name: string, holder: string): Promise<void> {
		await this.pool.run(
			(sql) => sql`delete from leases where name = ${name} and holder = ${holder}`,
		);
	}

	close(): Promise<void> {
		return this.pool.close();
	}
}
