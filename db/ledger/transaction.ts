import { isConnectionLost } from "./postgres-failure.ts";
import type { RawClient, RawTransaction } from "./postgres-pool.ts";

/**
 * Runs `work` between BEGIN and COMMIT on one connection.
 *
 * Not the driver's own `begin`: when the connection is lost that sends a ROLLBACK into the closed
 * socket, which throws where nobody can catch it and ends the process. Here a lost connection is left
 * alone; the pool that it belongs to is thrown away by `PostgresPool.run`.
 *
 * @param begin how it begins: "begin", or with an isolation level
 */
export async function inTransaction<T>(
	client: RawClient,
	begin: string,
	work: (tx: RawTransaction) => Promise<T>,
): Promise<T> {
	const tx = await client.reserve();
	try {
		await tx.unsafe(begin);
		const result = await work(tx);
		await tx.unsafe("commit");
		tx.release();
		return result;
	} catch (error) {
		if (!isConnectionLost(error)) {
			await tx.unsafe("rollback");
			tx.release();
		}
		throw error;
	}
}
