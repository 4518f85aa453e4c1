import { expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
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

test("what is synced does not hang on the write-ahead log, of which a power cut may leave nothing", async () => {
	const path = join(folder, "synced", "history.sqlite");
	const history = new SqliteHistory({ path });
	const write = (evSeq: number) =>
		history.write({ partition: 2, evSeq, trades: [], aggTrades: [], klines: [] });
	await write(7);
	await history.sync();
	await write(8);
	const left = join(folder, "left.sqlite");
	copyFileSync(path, left);
	const again = new SqliteHistory({ path: left });
	expect(await again.position(2)).toBe(7);
	await again.close();
	await history.close();
});
