import postgres from "postgres";
import { type PostgresSettings, postgresOptions } from "./connection-settings.ts";

/** Every PostgreSQL has it, for those who have no database of their own yet. */
const MAINTENANCE_DATABASE = "postgres";
/** A database of that name, which was there before, or which another makes at the same time. */
const DUPLICATES: readonly unknown[] = ["42P04", "23505"];

/** Creates the database unless it is there. Tells whether it did. */
export async function createDatabase(settings: PostgresSettings): Promise<boolean> {
	const { database } = settings;
	const client = postgres(postgresOptions({ ...settings, database: MAINTENANCE_DATABASE }, 1));
	try {
		const there = await client`select from pg_database where datname = ${database}`;
		if (there.count > 0) return false;
		await client`create database ${client(database)}`;
		return true;
	} catch (error) {
		// Another was faster.
		if (DUPLICATES.includes((error as { code?: unknown }).code)) return false;
		throw error;
	} finally {
		await client.end({ timeout: 1 });
	}
}
