import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { endsWithUs } from "../../infra/local/ends-with-us.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { silentLogger } from "./contract/silent-logger.ts";
import { createDatabase } from "./create-database.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded/embedded-postgres.ts";

const folder = temporaryFolder();
let server: EmbeddedPostgres;

beforeAll(async () => {
	server = await startEmbeddedPostgres({
		...{ dataDir: join(folder, "data"), logger: silentLogger },
		launcher: endsWithUs("QUIT"),
	});
});

afterAll(() => server.stop());

test("of several that create a database at once one does, and the others find it there", async () => {
	for (let n = 1; n <= 3; n += 1) {
		const settings = { ...server.settings, database: `castle_${n}` };
		const made = await Promise.all(Array.from({ length: 4 }, () => createDatabase(settings)));
		expect(made.filter((one) => one)).toHaveLength(1);
	}
});
