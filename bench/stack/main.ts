import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Generator } from "../api/generator.ts";
import { machineTable } from "../machine.ts";
import { BenchStack } from "./bench-stack.ts";
import { hopTable, loadTable, sentence } from "./report.ts";
import { runStage, type Stage, type StageResult } from "./stage.ts";

const RESULTS = join(import.meta.dir, "../results");

const USAGE = `bun run bench stack: signed orders against the exchange on real servers, every worker a process

  --edge bun|deno   what the edge runs under (bun)
  --seconds N       how long each load is measured (60), after --warmup N (40): compilers take their time at 500/s
  --connections N   one load with so many connections, as fast as answers come
  --rate N          one load at so many orders per second, by the clock
  --listeners N     WebSocket clients on @depth@100ms of three symbols, of the load at 2,000/s (2000)
  --users N         (1000)   --shards N (1)   --partitions N (1)   --seed N (1)
  --out FILE        where the tables go (bench/results/stack-<edge>.md)`;

const OPTIONS = {
	edge: { type: "string", default: "bun" },
	seconds: { type: "string", default: "60" },
	warmup: { type: "string", default: "40" },
	connections: { type: "string" },
	rate: { type: "string" },
	listeners: { type: "string", default: "2000" },
	users: { type: "string", default: "1000" },
	shards: { type: "string", default: "1" },
	partitions: { type: "string", default: "1" },
	seed: { type: "string", default: "1" },
	out: { type: "string" },
	help: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parsed>;

function parsed(args: string[]) {
	return parseArgs({ args, options: OPTIONS }).values;
}

/** `bun run bench stack` */
export async function main(args: string[]): Promise<void> {
	const values = parsed(args);
	if (values.help) return console.log(USAGE);
	const results = await runAll(values);
	const command = `bun run bench stack ${args.join(" ")}`.trim();
	const tables = [machineTable(command), loadTable(results), hopTable(results)].join("\n");
	console.log(`\n${tables}`);
	if (values.connections !== undefined || values.rate !== undefined) return;
	mkdirSync(RESULTS, { recursive: true });
	const title = `# On real servers: signed orders through an edge under ${values.edge === "deno" ? "Deno" : "Bun"}`;
	writeFileSync(values.out ?? join(RESULTS, `stack-${values.edge}.md`), `${title}\n\n${tables}\n`);
}

/** What the bars are about; or the one load that was asked for. */
function stagesOf(values: Values): Stage[] {
	const common = {
		seconds: Number(values.seconds),
		warmupSeconds: Number(values.warmup),
		seed: Number(values.seed),
	};
	const listeners = Number(values.listeners);
	if (values.connections !== undefined || values.rate !== undefined) {
		const connections = Number(values.connections ?? 64);
		return [{ ...common, connections, rate: Number(values.rate ?? 0), listeners: 0 }];
	}
	return [
		{ ...common, connections: 64, rate: 500, listeners: 0 },
		{ ...common, connections: 64, rate: 2_000, listeners },
		{ ...common, connections: 256, rate: 0, listeners: 0 },
	];
}

/** One stack for all loads: starting it takes longer than measuring. */
async function runAll(values: Values): Promise<StageResult[]> {
	const folder = mkdtempSync(join(tmpdir(), "castle-bench-"));
	const generator = new Generator();
	const say = (what: string) => console.error(what);
	const results: StageResult[] = [];
	let stack: BenchStack | null = null;
	try {
		stack = await BenchStack.start({
			...{ folder, say, edge: values.edge === "deno" ? "deno" : "bun" },
			...{ shards: Number(values.shards), partitions: Number(values.partitions) },
			users: Number(values.users),
		});
		for (const stage of stagesOf(values)) {
			const result = await runStage(stage, stack, generator, say);
			say(sentence(result));
			results.push(result);
		}
	} finally {
		generator.dispose();
		await stack?.stop();
		rmSync(folder, { recursive: true, force: true });
	}
	return results;
}
