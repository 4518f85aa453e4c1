import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { stateHash } from "./state-hash.ts";

/** `STATE_HASH_COMMANDS=1000000` for the long one. */
const COMMANDS = Number(process.env["STATE_HASH_COMMANDS"] ?? 100_000);
const ROOT = join(import.meta.dir, "..");
let folder = "";
let bundle = "";

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "castle-state-hash-"));
	bundle = join(folder, "state-hash.mjs");
	outputOf([
		process.execPath,
		"build",
		"--target=node",
		join(import.meta.dir, "state-hash.ts"),
		`--outfile=${bundle}`,
	]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(`${COMMANDS} commands of every type give one state and one history on Bun, Node and Deno`, () => {
	const here = stateHash(COMMANDS);
	expect(here).toMatch(/^[0-9a-f]{16} [0-9a-f]{16}$/);
	expect(here).not.toBe(stateHash(COMMANDS - 1));
	for (const [name, command] of runtimes()) {
		expect(`${name} ${outputOf([...command, `${COMMANDS}`])}`).toBe(`${name} ${here}`);
	}
}, 600_000);

test("an engine restored from snapshots again and again goes on to the same, on each of them", () => {
	const commands = 20_000;
	const here = stateHash(commands);
	for (const [name, command] of runtimes()) {
		for (const lives of ["7", "100"]) {
			expect(`${name} ${outputOf([...command, `${commands}`, lives])}`).toBe(`${name} ${here}`);
		}
	}
}, 600_000);

/** How the bundle is run on each. */
function runtimes(): [name: string, command: string[]][] {
	const found: [string, string[]][] = [
		["bun", [process.execPath, bundle]],
		["deno", [denoBinary(), "run", "--quiet", bundle]],
	];
	// A machine with Bun alone has no Node to compare; every other has.
	const node = Bun.which("node");
	if (node !== null) found.push(["node", [node, bundle]]);
	return found;
}

/** The binary itself: npm's wrapper around it is a Node script. */
function denoBinary(): string {
	const [binary] = new Glob("node_modules/@deno/*/deno").scanSync({ cwd: ROOT, absolute: true });
	if (binary === undefined) throw new Error("deno is not installed");
	return binary;
}

function outputOf(command: string[]): string {
	const { exitCode, stdout, stderr } = Bun.spawnSync(command, { stdout: "pipe", stderr: "pipe" });
	if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
	return stdout.toString().trim();
}
