import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogFile } from "./log-file.ts";

test("a log takes at most twice its bound, and keeps the newest lines", () => {
	const folder = mkdtempSync(join(tmpdir(), "castle-log-"));
	try {
		const path = join(folder, "exchange.log");
		for (let i = 0; i < 100; i += 1) new LogFile(path, 50).write(`line ${i}\n`);
		expect(readdirSync(folder).sort()).toEqual(["exchange.log", "exchange.log.1"]);
		const kept = readFileSync(`${path}.1`, "utf8") + readFileSync(path, "utf8");
		expect(kept.length).toBeLessThanOrEqual(100);
		expect(kept.endsWith("line 98\nline 99\n")).toBe(true);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test("what cannot be written is no reason to end: the log says how much is missing", () => {
	const folder = mkdtempSync(join(tmpdir(), "castle-log-"));
	try {
		const path = join(folder, "away", "exchange.log");
		const log = new LogFile(path);
		log.write("lost\n");
		log.write("lost too\n");
		mkdirSync(join(folder, "away"));
		log.write("kept\n");
		log.write("and this\n");
		const [blank, loss, ...kept] = readFileSync(path, "utf8").split("\n");
		expect(blank).toBe("");
		expect(JSON.parse(loss ?? "")).toMatchObject({ level: "warn", writes: 2 });
		expect(kept).toEqual(["kept", "and this", ""]);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test("what is written soon comes in order, and all of it is there at the end", async () => {
	const folder = mkdtempSync(join(tmpdir(), "castle-log-"));
	try {
		const path = join(folder, "exchange.log");
		const log = new LogFile(path);
		const lines = Array.from({ length: 300 }, (_, i) => `line ${i} ${"€".repeat(i)}\n`);
		for (const [i, line] of lines.entries()) {
			log.writeSoon(line);
			if (i % 50 === 7) log.write(`at once ${i}\n`);
			// Some appends are done by then, some are under way.
			if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
		log.finish();
		const expected = lines.flatMap((line, i) => (i % 50 === 7 ? [line, `at once ${i}\n`] : [line]));
		expect(readFileSync(path, "utf8")).toBe(expected.join(""));
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test("a log that is written soon keeps its bound, too", async () => {
	const folder = mkdtempSync(join(tmpdir(), "castle-log-"));
	try {
		const path = join(folder, "exchange.log");
		const log = new LogFile(path, 200);
		for (let i = 0; i < 100; i += 1) {
			log.writeSoon(`line ${i}\n`);
			await new Promise((resolve) => setImmediate(resolve));
			if (i % 10 === 0) log.finish();
		}
		log.finish();
		const kept = readFileSync(`${path}.1`, "utf8") + readFileSync(path, "utf8");
		expect(kept.length).toBeLessThanOrEqual(400);
		expect(kept.endsWith("line 98\nline 99\n")).toBe(true);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
