import { expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Every command tells its usage, and refuses words that it does not know, before it does anything. */

const root = resolve(import.meta.dir, "..");
const COMMANDS: readonly (readonly string[])[] = [
	["workers/exchange/main.ts"],
	["workers/recovery/main.ts"],
	["db/stores/main.ts"],
	["infra/stack/main.ts"],
	["scripts/check.ts"],
	["scripts/mutate.ts"],
	["workers/exchange/simulation/main.ts"],
	["workers/exchange/simulation/guards.ts"],
	["bench/main.ts"],
	...["engine", "core", "api", "edge", "streams", "stack", "link", "kills", "generate"].map(
		(benchmark) => ["bench/main.ts", benchmark],
	),
];

async function run(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
	const child = Bun.spawn([process.execPath, ...words], {
		cwd: root,
		env: { ...process.env, ...environment },
		stdout: "pipe",
		stderr: "pipe",
	});
	const [out, err] = await Promise.all([
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
	]);
	return { code: await child.exited, out, err };
}

test("./castle tells its commands, and names the one that it does not know, before it installs anything", async () => {
	const folder = mkdtempSync(join(tmpdir(), "castle-entry-"));
	try {
		const entry = join(folder, "castle");
		copyFileSync(join(root, "castle"), entry);
		const castle = (...words: string[]) => {
			const { exitCode, stdout, stderr } = Bun.spawnSync([entry, ...words]);
			return { exitCode, out: stdout.toString(), err: stderr.toString() };
		};
		const usage = castle().out;
		expect(usage).toContain("./castle start ");
		for (const word of ["help", "--help", "-h"]) {
			expect(castle(word)).toEqual({ exitCode: 0, out: usage, err: "" });
		}
		const err = `castle: there is no command "strat"\n${usage}`;
		expect(castle("strat")).toEqual({ exitCode: 64, out: "", err });
		expect(readdirSync(folder)).toEqual(["castle"]);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test("bench engine: a file that is not there is named", async () => {
	const { code, out, err } = await run(["bench/main.ts", "engine", "--workload", "/no/such.obw1"]);
	expect({ code, out }).toEqual({ code: 64, out: "" });
	expect(err).toStartWith("--workload /no/such.obw1: there is no such file\n");
});

test("bench kills: a file that is no list of rounds is named, before anything is started", async () => {
	const folder = mkdtempSync(join(tmpdir(), "castle-rounds-"));
	try {
		const file = join(folder, "rounds.jsonl");
		for (const text of ["no JSON\n", '{"says":"kill -9 of venue"}\n', "[]"]) {
			writeFileSync(file, text);
			const { code, out, err } = await run(["bench/main.ts", "kills"], { KILLS_FILE: file });
			expect({ code, out }).toEqual({ code: 64, out: "" });
			expect(err).toStartWith(`KILLS_FILE=${file}, line 1: is no round of an earlier run\n`);
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test.each(COMMANDS.map((words) => [words.join(" "), words] as const))(
	"%s",
	async (_name, words) => {
		const help = await run([...words, "--help"]);
		expect(help).toMatchObject({ code: 0, err: "" });
		expect(help.out.split("\n").length).toBeGreaterThan(1);
		for (const unknown of ["--no-such-flag", "no-such-word"]) {
			const { code, out, err } = await run([...words, unknown]);
			expect({ code, out }).toEqual({ code: 64, out: "" });
			expect(err).toContain(unknown);
			expect(err).not.toMatch(/^ +at .*:\d+/m);
		}
	},
);
