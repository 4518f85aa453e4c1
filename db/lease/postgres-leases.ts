import type { LeaseState, Leases } from "../../schemas/ports/leases.ts";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import type { PostgresSettings } from "../ledger/connection-settings.ts";
import { PostgresPool, type RawClient } from "../ledger/postgres-pool.ts";

/** Each answer is awaited before the next question of the same lease. */
const CONNECTIONS = 2;
/** A holder whose connection hangs must find another before it looks dead. */
const CALL_TIMEOUT_MS = 1_000;

/** Leases in PostgreSQL. Migrations must have been applied. */
export class PostgresLeases implements Leases {
	private readonly pool: PostgresPool<RawClient>;

	constructor(settings: PostgresSettings) {
		this.pool = new PostgresPool(settings, CONNECTIONS, (client) => client, {
			callTimeoutMs: CALL_TIMEOUT_MS,
			// A lease is no promise: a look that waits for a slow disk would only make it late.
			durable: false,
		});
	}

	/** One statement: the row's lock is what compares and swaps. */
	take(name: string, holder: string, deadBeats: number | null): Promise<LeaseState> {
		return this.pool.run(async (sql) => {
			const [state] = await sql<LeaseState[]>`
				with taken as (
					insert into leases (name, holder, beats, backend)
					values (${name}, ${holder}, 1, pg_backend_pid())
					on conflict (name) do update
					set holder = excluded.holder, beats = leases.beats + 1, backend = excluded.backend
					where leases.holder = excluded.holder or leases.beats = ${deadBeats}::bigint
					returning beats
				)
				select true as is_mine, beats, true as is_connected from taken
				union all
				select false, beats,
					backend is null or exists (select from pg_stat_activity where pid = backend)
				from leases
				where name = ${name} and not exists (select from taken)`;
			// Its holder gave it back, or another made it, between the two halves.
			if (state === undefined) throw new LedgerUnavailable(`the lease ${name} is changing hands`);
			return state;
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
