import type { PostgresSettings } from "./connection-settings.ts";
import { PostgresPool } from "./postgres-pool.ts";

/** More than are given between a backup and its restore. */
const SKIPPED = 1_000_000;

/**
 * Leaves out the next million numbers of users, and of keys: in a ledger that was restored from a backup they
 * may have been given before, and the log has orders and money of those who had them. Done again, it leaves
 * out as many more.
 *
 * @returns the next user's number, at least
 * @throws LedgerUnavailable
 */
export async function skipNumbers(settings: PostgresSettings): Promise<number> {
	const pool = new PostgresPool(settings, 1, (client) => client);
	try {
		return await pool.run(async (sql) => {
			const [row] = await sql<{ user: string }[]>`
				select setval('users_user_id_seq', nextval('users_user_id_seq') + ${SKIPPED}) as user,
					setval('api_keys_key_id_seq', nextval('api_keys_key_id_seq') + ${SKIPPED})`;
			return Number(row?.user) + 1;
		});
	} finally {
		await pool.close();
	}
}
