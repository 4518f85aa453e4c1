import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "castle-recover-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a data folder that is not there is refused, not made", async () => {
	const dataDir = join(folder, "misspelt");
	const recover = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts")], {
		env: { ...process.env, DATA_DIR: dataDir },
		stderr: "pipe",
	});
	const complained = await new Response(recover.stderr).text();
	expect(await recover.exited).toBe(64);
	expect(complained).toBe(`castle recover: DATA_DIR=${dataDir}: there is no such folder\n`);
	expect(existsSync(dataDir)).toBe(false);
});
