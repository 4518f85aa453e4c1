/** A program that asks a PostgreSQL a few times, whatever becomes of it: for the tests of the frame. */
import { setting, whole } from "../../../schemas/settings.ts";
import { PostgresPool } from "../../ledger/postgres-pool.ts";
import { POSTGRES_SETTINGS, postgresOf, VENUE_SETTINGS } from "../../stores/server-settings.ts";
import { runProcess } from "../process-frame.ts";

const ROUNDS = 3;

await runProcess({
	name: "asks",
	says: "for tests",
	settings: {
		...VENUE_SETTINGS,
		...POSTGRES_SETTINGS,
		CALL_MS: setting("how long an answer is waited for, ms", "10000", whole(1, 10_000)),
	},
	async start(settings, frame) {
		const pool = new PostgresPool(postgresOf(settings), 2, (client) => client, {
			callTimeoutMs: settings.CALL_MS,
		});
		for (let round = 0; round < ROUNDS; round += 1) {
			const asked = [1, 2, 3].map(() => pool.run((sql) => sql`select 1`));
			for (const answer of await Promise.allSettled(asked)) {
				const why = answer.status === "rejected" ? String(answer.reason) : "answered";
				frame.logger.info("asked", { why });
			}
		}
		await pool.close();
		frame.become("ready");
	},
});
