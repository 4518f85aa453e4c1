import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";

/** A test file: the lines that it runs, per file of ours, and the processor time it takes. */
export interface TestFile {
	readonly path: string;
	readonly lines: ReadonlyMap<string, ReadonlySet<number>>;
	readonly cpuMs: number;
}

/** Those of the test files that load one of `files`, directly or not. */
export function importersOf(
	root: string,
	files: readonly string[],
	tests: readonly string[],
): string[] {
	const wanted = new Set(files);
	const loads = new Map<string, boolean>();
	const reaches = (path: string): boolean => {
		const known = loads.get(path);
		if (known !== undefined) return known;
		loads.set(path, wanted.has(path));
		if (wanted.has(path)) return true;
		const found = importsOf(root, path).some(reaches);
		loads.set(path, found);
		return found;
	};
	return tests.filter(reaches);
}

function importsOf(root: string, path: string): string[] {
	const { importedFiles } = ts.preProcessFile(readFileSync(join(root, path), "utf8"), true, true);
	return importedFiles
		.map(({ fileName }) => normalize(join(dirname(path), fileName)))
		.filter((file) => file.endsWith(".ts") && existsSync(join(root, file)));
}

/**
 * Runs a test file on the sound tree and notes what it covers.
 *
 * @throws Error when it fails there: no mutant could be told from the sound code
 */
export async function measured(tree: string, path: string): Promise<TestFile> {
	const folder = mkdtempSync(join(tmpdir(), "castle-coverage-"));
	try {
		const coverage = ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${folder}`];
		const child = Bun.spawn([process.execPath, "test", "--timeout=0", ...coverage, `./${path}`], {
			cwd: tree,
			stdout: "ignore",
			stderr: "ignore",
		});
		if ((await child.exited) !== 0) {
			throw new Error(`${path} fails without a mutant: ${child.signalCode ?? child.exitCode}`);
		}
		const cpuMs = Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1_000;
		return { path, lines: linesOf(readFileSync(join(folder, "lcov.info"), "utf8")), cpuMs };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function linesOf(lcov: string): Map<string, Set<number>> {
	const lines = new Map<string, Set<number>>();
	let current = new Set<number>();
	for (const row of lcov.split("\n")) {
		if (row.startsWith("SF:")) {
			current = new Set();
			lines.set(row.slice(3), current);
		}
		const hit = /^DA:(\d+),(\d+)/.exec(row);
		if (hit !== null && hit[2] !== "0") current.add(Number(hit[1]));
	}
	return lines;
}
