import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { type PostgresSettings, postgresOptions } from "./connection-settings.ts";

/** Any number will do, as long as it stays: processes that start together migrate one after the other. */
const MIGRATION_LOCK = 4_211_733;

/** Brings the database to the schema of this version; nothing to do takes a few ms. */
export async function applyMigrations(settings: PostgresSettings): Promise<void> {
	const client = postgres(postgresOptions(settings, 1));
	try {
		await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
		const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));
		await migrate(drizzle(client), { migrationsFolder });
	} finally {
		await client.end({ timeout: 1 });
	}
}
