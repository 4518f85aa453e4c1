/** The log's oldest files go while the exchange runs; killed, it starts on what is left, or says what it lacks. */
import { afterAll, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DirectoryArchive } from "../../db/archive/directory-archive.ts";
import { DurableLog } from "./testing/kill/durable-log.ts";
import { RunningExchange } from "./testing/running-exchange.ts";
import { Trader } from "./testing/trader.ts";

/** So that the log is some files of a MiB. */
const COMMANDS = 30_000;
/** What readers still need, with a margin of 2,000 records of trades before it. */
const FILES_LEFT = 5;
const exchange = new RunningExchange({ LOG_KEEP_DAYS: "0", LOG_FILE_MIB: "1" });
const archiveFolder = join(exchange.dataDir, "archive");

afterAll(() => exchange.dispose());

test("trade, trim, kill -9, start: audit sound, the past is there, and trading goes on", async () => {
	await fill();
	await exchange.start();
	const user = await exchange.createUser({ BTC: "10", USDT: "1000000" });
	const trader = new Trader(exchange.url, user, "BTC");
	const { orderId } = await trader.limit("BUY", "0.5", "40000");
	const before = await view();
	// Each stop leaves another snapshot: with two behind them, files may go.
	await exchange.stop();
	await exchange.start();
	await exchange.stop();
	expect(fileNames()[0]).toBe("00000001.log");
	await exchange.start();
	while (fileNames().includes("00000001.log")) await Bun.sleep(5);
	// In the middle of it.
	await exchange.kill(true);
	await exchange.start();
	while (fileNames().length > FILES_LEFT) await Bun.sleep(20);
	await exchange.kill(true);
	const lowest = Number(fileNames()[0]?.slice(0, 8));
	expect(lowest).toBeGreaterThan(2);
	const kept = archived();
	// Killed before it removed what it had just archived, it has one of them twice.
	if (kept.at(-1) === lowest) kept.pop();
	expect(kept).toEqual(Array.from({ length: lowest - 1 }, (_, i) => i + 1));

	await exchange.start();
	expect(await exchange.operator("audit")).toMatchObject({ sound: true });
	expect(await view()).toEqual(before);
	const again = new Trader(exchange.url, user, "BTC");
	expect(await again.open()).toEqual([orderId]);
	expect(await again.cancel(orderId)).toMatchObject({ status: "CANCELED" });
	expect((await again.limit("BUY", "0.5", "40000")).status).toBe("NEW");
	await exchange.kill(true);
	await exchange.start();
	expect(await exchange.operator("audit")).toMatchObject({ sound: true });
});

test("with every snapshot lost it says what the log lacks; files put back from the archive bring it up", async () => {
	const before = await view();
	await exchange.kill(true);
	for (const file of snapshots())
		writeFileSync(join(archiveFolder, file), "CASTLE1\nnothing whole");
	await expect(exchange.start()).rejects.toThrow(
		/orders\/0 begins at \d+, and 0 was asked for: retention has removed.*log-trimmed\.md/,
	);

	const archive = await DirectoryArchive.open(archiveFolder);
	for (const name of await archive.list("log/")) {
		const number = /\/(\d{8})-/.exec(name)?.[1];
		const bytes = gunzipSync((await archive.get(name)) as Uint8Array);
		writeFileSync(join(exchange.dataDir, "log", `${number}.log`), bytes);
	}
	expect(fileNames()[0]).toBe("00000001.log");
	const whole = new DurableLog(exchange.dataDir);
	expect(await whole.faults()).toEqual([]);
	await exchange.start();
	expect(await exchange.operator("audit")).toMatchObject({ sound: true });
	expect(await view()).toEqual(before);
});

/** Many orders, and a SIGKILL in the middle of them. */
async function fill(): Promise<void> {
	const filler = join(import.meta.dir, "testing/fill-log.ts");
	const filling = Bun.spawn([process.execPath, filler, String(COMMANDS)], {
		env: exchange.environment(),
		stdout: "ignore",
		stderr: "inherit",
	});
	await filling.exited;
	expect(filling.signalCode).toBe("SIGKILL");
}

function fileNames(): string[] {
	return readdirSync(join(exchange.dataDir, "log"))
		.filter((name) => name.endsWith(".log"))
		.sort();
}

/** Numbers of the log's files that are in the archive. */
function archived(): number[] {
	return readdirSync(archiveFolder)
		.filter((name) => name.startsWith("log%2F"))
		.map((name) => Number(/%2F(\d{8})-/.exec(name)?.[1]))
		.sort((a, b) => a - b);
}

function snapshots(): string[] {
	return readdirSync(archiveFolder).filter((name) => /^(matching|market-data)%2F/.test(name));
}

/** The market as anybody sees it, back to its beginning. */
async function view() {
	const ask = async (path: string, query: string) =>
		(await fetch(`${exchange.url}${path}?${query}`)).json();
	const days: unknown[][] = await ask("/api/v3/klines", "symbol=BTCUSDT&interval=1d");
	return {
		first: await ask("/api/v3/historicalTrades", "symbol=BTCUSDT&fromId=1&limit=20"),
		// Another day may have begun since, without a trade.
		bars: days.filter((bar) => bar[8] !== 0),
		last: await ask("/api/v3/ticker/price", "symbol=BTCUSDT"),
	};
}
