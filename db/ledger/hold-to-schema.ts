import { is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/postgres-js";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import type { PostgresSettings } from "./connection-settings.ts";
import { PostgresPool } from "./postgres-pool.ts";
import * as schema from "./schema.ts";

/** PostgreSQL's codes for a table and a column that are not there. */
const MISSING = ["42P01", "42703"];

/**
 * Looks whether the database has every table and column that this version names. One of a later version has.
 *
 * @throws LedgerUnavailable when one is not there yet, too
 */
export async function holdToSchema(settings: PostgresSettings): Promise<void> {
	const pool = new PostgresPool(settings, 1, (client) => drizzle(client, { casing: "snake_case" }));
	try {
		for (const table of Object.values(schema)) {
			if (is(table, PgTable)) await pool.run((db) => db.select().from(table).limit(0));
		}
	} catch (error) {
		if (!(error instanceof Error)) throw error;
		const { cause } = error;
		const isMissing =
			cause instanceof Error && "code" in cause && MISSING.includes(`${cause.code}`);
		if (!isMissing) throw error;
		const why = `the schema is of an earlier version (${cause.message}): ./castle stores brings it to this one`;
		throw new LedgerUnavailable(why, { cause });
	} finally {
		await pool.close();
	}
}
