/** How the command line ends, by what it is answered. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENDPOINT_FILE } from "../../../db/data-dir/operator-endpoint.ts";
import { runToEnd } from "../testing/processes.ts";

const dataDir = mkdtempSync(join(tmpdir(), "castle-operator-"));
let said: object = {};
const listener = Bun.serve({
	...{ hostname: "127.0.0.1", port: 0 },
	fetch: () => Response.json(said),
});
const endpoint = { url: `http://127.0.0.1:${listener.port}`, token: "t" };
writeFileSync(join(dataDir, ENDPOINT_FILE), JSON.stringify(endpoint));

afterAll(async () => {
	await listener.stop();
	rmSync(dataDir, { recursive: true });
});

test.each([
	[{ sound: true, unchecked: [] }, 0],
	[{ sound: false, unchecked: [] }, 1],
	// It is known to be broken, whatever else there may be.
	[{ sound: false, unchecked: ["clearing"] }, 1],
	// Nobody knows.
	[{ sound: true, unchecked: ["clearing"] }, 69],
	[{ sound: true, entries: 7 }, 0],
])("audit: %j ends with %d", async (answer, code) => {
	said = answer;
	const ended = await runToEnd("operator/cli.ts", ["audit"], { DATA_DIR: dataDir });
	expect([ended.code, JSON.parse(ended.out)]).toEqual([code, answer]);
});
