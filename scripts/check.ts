/**
 * Everything that must hold before a change lands: format, lint, layers, types, and all tests, the slow
 * ones included. Ends with a line `N passed, N failed` and exits with 1 when anything failed.
 *
 *   bun scripts/check.ts            all
 *   bun scripts/check.ts layers int only the steps of these names
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { EXIT } from "../db/machine/exit-codes.ts";
import { endsWithUs } from "../infra/local/ends-with-us.ts";
import { startServers } from "../infra/stack/servers.ts";
import { ONE_PROCESS_TESTS } from "../workers/exchange/testing/one-process-tests.ts";

const LAYERS = ["schemas", "engine", "db", "edge", "workers", "infra", "bench", "scripts"];
const BIN = "node_modules/.bin/";

interface Count {
	passed: number;
	failed: number;
}

interface Step {
	readonly name: string;
	readonly says: string;
	run(): Promise<Count>;
}

async function main(names: readonly string[]): Promise<void> {
	const scratch = mkdtempSync(join(tmpdir(), "castle-check-"));
	const total: Count = { passed: 0, failed: 0 };
	const broken: string[] = [];
	try {
		const all = steps(scratch);
		if (names.includes("--help")) {
			console.log("castle check: all of these steps, or only those that are named\n");
			for (const { name, says } of all) console.log(`  ${name.padEnd(18)}${says}`);
			return;
		}
		const unknown = names.filter((name) => !all.some((step) => step.name === name));
		if (unknown.length > 0) {
			const known = all.map(({ name }) => name).join(" ");
			console.error(`${unknown.join(" ")}: no step of the check; there are: ${known}`);
			process.exitCode = EXIT.wrongUsage;
			return;
		}
		for (const step of all) {
			if (names.length > 0 && !names.includes(step.name)) continue;
			console.log(`\n── ${step.name}: ${step.says}`);
			const startedAt = performance.now();
			const count = await step.run();
			const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
			console.log(`── ${step.name}: ${count.passed} passed, ${count.failed} failed, ${seconds} s`);
			total.passed += count.passed;
			total.failed += count.failed;
			if (count.failed > 0) broken.push(step.name);
		}
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
	if (broken.length > 0) console.log(`\nfailed: ${broken.join(", ")}`);
	console.log(`${total.passed} passed, ${total.failed} failed`);
	process.exit(total.failed === 0 ? 0 : 1);
}

function steps(scratch: string): Step[] {
	const tier = (name: string, says: string, pattern: string): Step => ({
		name,
		says,
		run: () => tests(name, testFiles(pattern), scratch),
	});
	return [
		tool("format", "Biome: format and lint", [`${BIN}biome`, "check", "--error-on-warnings", "."]),
		tool("layers", "who may import whom", [
			`${BIN}depcruise`,
			"--config",
			".dependency-cruiser.mjs",
			...LAYERS.filter((folder) => [...new Glob(`${folder}/**/*.ts`).scanSync(".")].length > 0),
		]),
		tool("types", "tsc, everything strict", [`${BIN}tsc`, "-p", "."]),
		tool("types-engine", "the engine without console, fetch, timers", [
			`${BIN}tsc`,
			"-p",
			"engine",
		]),
		tool("types-edge", "the edge without Bun and process", [`${BIN}tsc`, "-p", "edge"]),
		deno("deno-check", "the edge as Deno reads it", ["check", "edge/main.deno.ts"]),
		deno("deno-lint", "and what Deno thinks of it", ["lint"]),
		tier("unit", "fast tests", "**/*.test.ts"),
		tier("int", "real PostgreSQL, sockets, threads", "**/*.int.test.ts"),
		servers(scratch),
		tier("sim", "the exchange under a seed", "**/*.sim.test.ts"),
		tier("e2e", "the running exchange and its clients", "**/*.e2e.test.ts"),
		stack("bun", scratch),
		stack("deno", scratch),
	];
}

/** What the real servers come by. */
const SERVER_TOOLS = ["java", "javac", "mvn", "go"] as const;

/** CI runs every step: one that it cannot run has failed. */
const isCi = !["", "0", "false"].includes(process.env["CI"] ?? "");

/** A step on real servers. A machine without the tools is told so, and passes without, unless it is CI's. */
function onServers(name: string, says: string, run: () => Promise<Count>): Step {
	return {
		name,
		says,
		async run() {
			const missing = SERVER_TOOLS.filter((tool) => Bun.which(tool) === null);
			if (missing.length === 0) return run();
			const needs = `it needs ${missing.join(", ")} on the PATH (infra/README.md)`;
			console.log(isCi ? `failed, since CI leaves nothing out: ${needs}` : `left out: ${needs}`);
			return { passed: 0, failed: isCi ? 1 : 0 };
		},
	};
}

function servers(scratch: string): Step {
	return onServers("servers", "real Kafka, Redis, DynamoDB Local and S3", () =>
		tests("servers", testFiles("**/*.servers.test.ts"), scratch),
	);
}

/** The end-to-end tests on the real parts: one set of servers for all, a venue of its own for each. */
function stack(edge: "bun" | "deno", scratch: string): Step {
	const name = `e2e-stack-${edge}`;
	return onServers(name, `the same on real servers, the edge under ${edge}`, async () => {
		const files = testFiles("**/*.e2e.test.ts").filter((file) => !(file in ONE_PROCESS_TESTS));
		// Not in the scratch folder: PostgreSQL's user could not come in there.
		const folder = mkdtempSync(join(tmpdir(), "castle-servers-"));
		const say = (line: string) => console.log(line);
		const servers = await startServers(folder, say, { info() {}, warn: say, error: say });
		const interrupted = () => void servers.stop().finally(() => process.exit(1));
		for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, interrupted);
		try {
			return await tests(name, files, scratch, {
				CASTLE_PARTS: `stack-${edge}`,
				CASTLE_SERVERS: JSON.stringify(servers.environment),
			});
		} finally {
			for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, interrupted);
			await servers.stop();
			rmSync(folder, { recursive: true, force: true });
		}
	});
}

/** A step of Deno's own tools, by its own program: the package's is a script for Node. */
function deno(name: string, says: string, words: readonly string[]): Step {
	return command(name, says, ["node_modules/deno/deno", ...words]);
}

/** A tool of node_modules, by this Bun, whatever its first line says: there may be no Node. */
function tool(name: string, says: string, words: readonly string[]): Step {
	return command(name, says, [process.execPath, "--bun", ...words]);
}

/** A step that is one command: right when it exits with 0. */
function command(name: string, says: string, words: string[]): Step {
	return {
		name,
		says,
		async run() {
			const code = await Bun.spawn(words, { stdout: "inherit", stderr: "inherit" }).exited;
			return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
		},
	};
}

/** The test files of a tier, in one `bun test`; counted from its junit report. */
async function tests(
	name: string,
	files: readonly string[],
	scratch: string,
	environment: Readonly<Record<string, string>> = {},
): Promise<Count> {
	if (files.length === 0) return { passed: 0, failed: 0 };
	const report = join(scratch, `${name}.xml`);
	const child = Bun.spawn(
		[
			...endsWithUs("KILL"),
			process.execPath,
			"--config=scripts/bunfig.all.toml",
			"test",
			"--timeout=600000",
			"--only-failures",
			"--reporter=junit",
			`--reporter-outfile=${report}`,
			...files.map((file) => `./${file}`),
		],
		{ env: { ...process.env, ...environment }, stdout: "inherit", stderr: "inherit" },
	);
	const code = await child.exited;
	const count = counted(report);
	// A file that does not load, or a run that dies, is a failure that no report counts.
	if (code !== 0 && count.failed === 0) count.failed = 1;
	return count;
}

function testFiles(pattern: string): string[] {
	const slow = /\.(int|servers|sim|e2e)\.test\.ts$/;
	return LAYERS.flatMap((folder) => [...new Glob(`${folder}/${pattern}`).scanSync(".")])
		.filter((file) => pattern !== "**/*.test.ts" || !slow.test(file))
		.sort();
}

function counted(report: string): Count {
	try {
		const head = /<testsuites[^>]*tests="(\d+)"[^>]*failures="(\d+)"[^>]*>/.exec(
			readFileSync(report, "utf8"),
		);
		const failed = Number(head?.[2] ?? 0);
		return { passed: Number(head?.[1] ?? 0) - failed, failed };
	} catch {
		return { passed: 0, failed: 1 };
	}
}

await main(process.argv.slice(2));
