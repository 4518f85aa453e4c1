import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "../../infra/local/ends-with-us.ts";
import { DataDirInUse, lockDataDir } from "./lock.ts";

/** Another process takes the lock, says so, and keeps it. */
const HOLDER = `
	const { lockDataDir } = await import(process.argv[1]);
	lockDataDir(process.argv[2]);
	Bun.gc(true);
	console.log("locked");
	setInterval(() => {}, 1_000);
`;

describe("the lock of a data folder", () => {
	let dataDir: string;
	beforeEach(() => {
		dataDir = join(mkdtempSync(join(tmpdir(), "lock-test-")), "data");
	});
	afterEach(() => rmSync(join(dataDir, ".."), { recursive: true }));

	async function startHolder() {
		const lockModule = join(import.meta.dir, "lock.ts");
		const command = [process.execPath, "-e", HOLDER, lockModule, dataDir];
		const holder = Bun.spawn([...endsWithUs("KILL"), ...command], {
			stdout: "pipe",
			stderr: "inherit",
		});
		await holder.stdout.getReader().read();
		return holder;
	}

	test("refuses a second start by the folder's name and the holder's process", async () => {
		const holder = await startHolder();
		try {
			expect(() => lockDataDir(dataDir)).toThrow(DataDirInUse);
			expect(() => lockDataDir(dataDir)).toThrow(`${dataDir} is in use by process ${holder.pid}`);
		} finally {
			holder.kill("SIGKILL");
			await holder.exited;
		}
	});

	test("is free at once when its holder was killed", async () => {
		const holder = await startHolder();
		holder.kill("SIGKILL");
		await holder.exited;
		lockDataDir(dataDir).release();
	});

	test("names its file where that is none of it, and what to do", () => {
		mkdirSync(dataDir);
		const file = join(dataDir, "exchange.lock");
		writeFileSync(file, "damaged ".repeat(1_000));
		expect(() => lockDataDir(dataDir)).toThrow(
			`DATA_DIR=${dataDir}: cannot be used: ${file} cannot be used (file is not a database): nothing is kept in it: remove it`,
		);
		rmSync(file);
		lockDataDir(dataDir).release();
	});

	test("a folder that was there is closed to other users, once it is ours", () => {
		mkdirSync(dataDir);
		for (const [before, after] of [
			[0o755, 0o750],
			[0o777, 0o770],
			[0o710, 0o710],
			[0o1777, 0o1777],
		] as const) {
			chmodSync(dataDir, before);
			lockDataDir(dataDir).release();
			expect(statSync(dataDir).mode & 0o7777).toBe(after);
		}
	});

	test("is refused within one process too, and free after release", () => {
		const lock = lockDataDir(dataDir);
		expect(() => lockDataDir(dataDir)).toThrow(`in use by process ${process.pid}`);
		lock.release();
		lockDataDir(dataDir).release();
	});
});
