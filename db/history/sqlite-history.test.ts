import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { historyContract } from "./history-contract.ts";
import { SqliteHistory } from "./sqlite-history.ts";

const folder = temporaryFolder();

historyContract("SQLite in memory", async () => new SqliteHistory({ path: ":memory:" }));

test("a file keeps what was written", async () => {
	const path = join(folder, "new", "history.sqlite");
	const history = new SqliteHistory({ path });
	await history.write({ partition: 2, evSeq: 7, trades: [], aggTrades: [], klines: [] });
	await history.close();
	const again = new SqliteHistory({ path });
	expect(await again.position(2)).toBe(7);
	await again.close();
});
