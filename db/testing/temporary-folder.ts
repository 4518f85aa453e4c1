import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of the test file's own, removed when the file's tests are over. */
export function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "castle-"));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
