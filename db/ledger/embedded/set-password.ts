import postgres from "postgres";
import { type PostgresSettings, postgresOptions } from "../connection-settings.ts";

/** Sets the password of the user that these settings name, for connections by network. */
export async function setPassword(settings: PostgresSettings, password: string): Promise<void> {
	const sql = postgres(postgresOptions(settings, 1));
	try {
		const [row] = await sql`
			select format('alter role %I password %L', ${settings.user}::text, ${password}::text) as statement`;
		await sql.unsafe(row?.["statement"]);
	} finally {
		await sql.end({ timeout: 1 });
	}
}
