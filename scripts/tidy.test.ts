/** What a script can check, prose must not: rules of the tree that no linter has. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Glob } from "bun";

const root = resolve(import.meta.dir, "..");
const FOLDERS = ["schemas", "engine", "db", "edge", "workers", "infra", "bench", "scripts"];
/** Longest file of business code and of tests: beyond it there is more than one concept in it. */
const MAX_LINES = 400;
const MAX_TEST_LINES = 600;

const files = FOLDERS.flatMap((folder) =>
	[...new Glob(`${folder}/**/*.ts`).scanSync(root)].map((path) => ({
		path,
		text: readFileSync(join(root, path), "utf8"),
	})),
);
const isTest = (path: string) => /\.test\.ts$|\/testing\/|-contract\.ts$/.test(path);
/** Adapters, composition roots and tools may touch the machine. */
const isMachine = (path: string) => /^(db|bench|scripts|workers\/exchange)\//.test(path);

/** Paths of files in which the pattern is found. */
function found(pattern: RegExp, among: (path: string) => boolean): string[] {
	return files.filter(({ path, text }) => among(path) && pattern.test(text)).map((f) => f.path);
}

test("there are files to look at", () => {
	expect(files.length).toBeGreaterThan(300);
});

test("business code throws no dice of its own", () => {
	expect(found(/\bMath\.random\b/, (path) => !isMachine(path) && !isTest(path))).toEqual([]);
});

test("nothing is left for later", () => {
	const later = new RegExp(["TO", "DO|FIX", "ME|X", "XX"].join(""));
	expect(found(new RegExp(`\\b(${later.source})\\b`), () => true)).toEqual([]);
});

test("no test is narrowed, or skipped but for the machine's system or user", () => {
	const narrowed =
		/\b(test|describe|it)\.((only|skip|todo)\(|(skipIf|if)\((?!process\.(platform|getuid)))/;
	expect(found(narrowed, (path) => path !== "scripts/tidy.test.ts")).toEqual([]);
});

test("a file is one concept", () => {
	const long = files.filter(({ path, text }) => {
		const lines = text.split("\n").length - 1;
		return lines > (isTest(path) ? MAX_TEST_LINES : MAX_LINES);
	});
	expect(long.map((f) => f.path)).toEqual([]);
});

test("nothing re-exports a folder", () => {
	expect(files.filter(({ path }) => /\/index\.ts$/.test(path)).map((f) => f.path)).toEqual([]);
});
