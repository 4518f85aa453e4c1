/** Plants one forbidden import per row of the layer table and sees the check fail by the right rule. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dir, "..");
let tree = "";

/** A small tree of the same layers, in which everything is allowed until something is planted. */
const SOUND: Record<string, string> = {
	"schemas/order.ts": "export const order = 1;\n",
	"schemas/ports/log.ts": "export interface Log { readonly topic: string }\n",
	"engine/engine.ts": 'export { order } from "../schemas/order.ts";\n',
	"db/log.ts": 'export type { Log } from "../schemas/ports/log.ts";\n',
	"edge/app.ts": 'import { Hono } from "hono";\nexport const app = [Hono];\n',
	"edge/entry/serve.ts":
		'import { readFile } from "node:fs/promises";\nexport { app } from "../app.ts";\nexport type { Log } from "../../db/log.ts";\nexport const read = readFile;\n',
	"edge/main.bun.ts": 'export { app } from "./entry/serve.ts";\n',
	"workers/protocol/gate.ts": 'export { order } from "../../schemas/order.ts";\n',
	"workers/matching/worker.ts":
		'export { order } from "../protocol/gate.ts";\nexport { order as again } from "../../engine/engine.ts";\n',
	"workers/accounts/worker.ts": 'export type { Log } from "../../db/log.ts";\n',
	"workers/exchange/main.ts":
		'export { app } from "../../edge/app.ts";\nexport { order } from "../matching/worker.ts";\n',
	"infra/topics.ts": 'export { order } from "../schemas/order.ts";\n',
	"infra/stack/stack.ts":
		'export { order } from "../topics.ts";\nexport type { Log } from "../../db/log.ts";\n',
};

beforeAll(() => {
	tree = mkdtempSync(join(tmpdir(), "castle-layers-"));
	for (const [path, text] of Object.entries(SOUND)) write(path, text);
	for (const file of [".dependency-cruiser.mjs", "package.json", "tsconfig.json"]) {
		copyFileSync(join(root, file), join(tree, file));
	}
	symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

function write(path: string, text: string): void {
	mkdirSync(dirname(join(tree, path)), { recursive: true });
	writeFileSync(join(tree, path), text);
}

/** The check's exit code and what it printed. */
function check(): { code: number; output: string } {
	const run = Bun.spawnSync(
		[
			process.execPath,
			"--bun",
			join(root, "node_modules/.bin/depcruise"),
			"--config",
			".dependency-cruiser.mjs",
			"schemas",
			"engine",
			"db",
			"edge",
			"workers",
			"infra",
		],
		{ cwd: tree },
	);
	return { code: run.exitCode, output: run.stdout.toString() + run.stderr.toString() };
}

test("a sound tree passes", () => {
	const { code, output } = check();
	expect(output).toContain("no dependency violations found");
	expect(code).toBe(0);
});

/** Row of the table, the import that is planted, the rule that must name it. */
const PLANTED: readonly (readonly [row: string, file: string, imports: string, rule: string])[] = [
	["schemas → ours", "schemas/bad.ts", "../engine/engine.ts", "schemas-imports-only-its-layers"],
	["schemas → package", "schemas/bad.ts", "hono", "schemas-imports-only-its-packages"],
	["schemas → node", "schemas/bad.ts", "node:fs", "schemas-runs-anywhere"],
	["engine → ports", "engine/bad.ts", "../schemas/ports/log.ts", "engine-imports-only-its-layers"],
	["engine → db", "engine/bad.ts", "../db/log.ts", "engine-imports-only-its-layers"],
	["engine → package", "engine/bad.ts", "valibot", "engine-imports-only-its-packages"],
	["engine → node", "engine/bad.ts", "node:crypto", "engine-runs-anywhere"],
	["engine → bun", "engine/bad.ts", "bun:sqlite", "engine-runs-anywhere"],
	["db → edge", "db/bad.ts", "../edge/app.ts", "db-imports-only-its-layers"],
	["db → workers", "db/bad.ts", "../workers/protocol/gate.ts", "db-imports-only-its-layers"],
	["db → engine", "db/bad.ts", "../engine/engine.ts", "db-imports-only-its-layers"],
	["db → package", "db/bad.ts", "hono", "db-imports-only-its-packages"],
	["edge → engine", "edge/bad.ts", "../engine/engine.ts", "edge-imports-only-its-layers"],
	["edge → workers", "edge/bad.ts", "../workers/protocol/gate.ts", "edge-imports-only-its-layers"],
	["edge → db", "edge/bad.ts", "../db/log.ts", "edge-imports-only-its-layers"],
	["edge → node", "edge/bad.ts", "node:crypto", "edge-runs-anywhere"],
	["edge → bun", "edge/bad.ts", "bun", "edge-runs-anywhere"],
	[
		"edge → its entry",
		"edge/bad.ts",
		"./entry/serve.ts",
		"only-entry-files-import-the-edges-entry",
	],
	[
		"edge's entry → workers",
		"edge/entry/bad.ts",
		"../../workers/protocol/gate.ts",
		"edge-entry-imports-only-its-layers",
	],
	[
		"edge's entry → package",
		"edge/entry/bad.ts",
		"kafkajs",
		"edge-entry-imports-only-its-packages",
	],
	[
		"workers/x → workers/y",
		"workers/accounts/bad.ts",
		"../matching/worker.ts",
		"workers-talk-by-topic",
	],
	[
		"workers/x → edge",
		"workers/accounts/bad.ts",
		"../../edge/app.ts",
		"workers-imports-only-its-layers",
	],
	[
		"anything → composition root",
		"workers/accounts/bad.ts",
		"../exchange/main.ts",
		"nothing-imports-a-composition-root",
	],
	[
		"infra → workers",
		"infra/bad.ts",
		"../workers/protocol/gate.ts",
		"infra-imports-only-its-layers",
	],
	["infra → db", "infra/bad.ts", "../db/log.ts", "infra-imports-only-its-layers"],
	[
		"stack → workers",
		"infra/stack/bad.ts",
		"../../workers/protocol/gate.ts",
		"stack-imports-only-its-layers",
	],
	["stack → edge", "infra/stack/bad.ts", "../../edge/app.ts", "stack-imports-only-its-layers"],
	["stack → package", "infra/stack/bad.ts", "hono", "stack-imports-only-its-packages"],
	["infra → stack", "infra/bad.ts", "./stack/stack.ts", "nothing-imports-the-stack"],
];

test.each(PLANTED)("planted: %s", (_row, file, imports, rule) => {
	write(file, `export * from "${imports}";\n`);
	try {
		const { code, output } = check();
		expect(output).toContain(`error ${rule}: ${file}`);
		expect(code).not.toBe(0);
	} finally {
		rmSync(join(tree, file));
	}
});

test("a type-only import counts as well", () => {
	write(
		"engine/bad.ts",
		'import type { Log } from "../schemas/ports/log.ts";\nexport type L = Log;\n',
	);
	try {
		expect(check().output).toContain("error engine-imports-only-its-layers: engine/bad.ts");
	} finally {
		rmSync(join(tree, "engine/bad.ts"));
	}
});
