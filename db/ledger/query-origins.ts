import type postgres from "postgres";

/**
 * postgres.js keeps the text of each query by `unsafe` that fails (drizzle's are such), for good, to tell where it was
 * made: with a database away that is a batch of the ledger every 50 ms. With this its errors do not tell that.
 */
export function forgetOrigins<T extends Record<string, unknown>>(client: postgres.Sql<T>): void {
	// Nobody waits for it, so it is never sent. All clients share its class.
	const query: object = Object.getPrototypeOf(client.unsafe(""));
	Object.defineProperty(query, "origin", { get: () => "", configurable: true });
}
