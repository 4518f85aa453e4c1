import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "castle-recover-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dataDir = join(folder, "misspelt");

/** Its exit code and what it complains of. */
async function recover(
	flags: readonly string[],
	onFolder: string = dataDir,
): Promise<[number, string]> {
	const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), ...flags], {
		env: { ...process.env, DATA_DIR: onFolder },
		stderr: "pipe",
	});
	const complained = await new Response(child.stderr).text();
	return [await child.exited, complained];
}

test("a data folder that is not there is refused, not made", async () => {
	const says = `castle recover: DATA_DIR=${dataDir}: there is no such folder\n`;
	expect(await recover([])).toEqual([64, says]);
	expect(existsSync(dataDir)).toBe(false);
});

test("a folder in which there is no exchange is refused, and nothing is made in it", async () => {
	const home = join(folder, "home");
	mkdirSync(home);
	writeFileSync(join(home, "letter"), "Dear");
	const says = `castle recover: DATA_DIR=${home}: there is no exchange in this folder\n`;
	for (const flags of [[], ["--ledger-restored"], ["--skip=0:1:5"]]) {
		expect(await recover(flags, home)).toEqual([64, says]);
	}
	expect(readdirSync(home)).toEqual(["letter"]);
});

test("a command to skip that is none is told before anything is opened", async () => {
	const [code, complained] = await recover(["--skip=0:1"]);
	expect([code, complained]).toEqual([
		64,
		"castle recover: --skip=0:1: PARTITION:SHARD:SEQ is wanted, as in 0:1:4711\n",
	]);
});

test("of two things to do none is done", async () => {
	for (const other of ["--ledger-restored", "--skip=0:1:9", "--orders"]) {
		const [code, complained] = await recover(["--skip=0:1:5", other, "--apply"]);
		expect([code, complained]).toEqual([
			64,
			`castle recover: --skip=0:1:5 ${other}: one at a time\n`,
		]);
	}
});
