import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { endsWithUs } from "../../../infra/local/ends-with-us.ts";
import { type PostgresSettings, postgresOptions } from "../connection-settings.ts";
import { silentLogger } from "../contract/silent-logger.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../embedded/embedded-postgres.ts";
import { applyMigrations } from "../migrate.ts";

/** A real PostgreSQL for one test file, in a temporary folder. */
export interface TestServer {
	readonly server: EmbeddedPostgres;
	/** A new database with every migration applied. */
	freshDatabase(): Promise<PostgresSettings>;
	close(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
	const dataDir = mkdtempSync(join(tmpdir(), "ledger-test-"));
	const launcher = endsWithUs("QUIT");
	const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, launcher });
	let databases = 0;
	return {
		server,
		freshDatabase: async () => {
			databases += 1;
			const database = `test_${databases}`;
			await runSql(server.settings, `create database ${database}`);
			const settings = { ...server.settings, database };
			await applyMigrations(settings);
			return settings;
		},
		close: async () => {
			await server.stop();
			rmSync(dataDir, { recursive: true });
		},
	};
}

/** One statement on a connection of its own. */
export async function runSql(
	settings: PostgresSettings,
	text: string,
): Promise<readonly Record<string, unknown>[]> {
	const sql = postgres(postgresOptions(settings, 1));
	try {
		return await sql.unsafe(text);
	} finally {
		await sql.end({ timeout: 1 });
	}
}
