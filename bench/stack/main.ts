import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { numberOf, UsageError } from "../../db/machine/usage.ts";
import { Generator } from "../api/generator.ts";
import { sentenceOf, tableOf } from "../columns.ts";
import { machineTable } from "../machine.ts";
import { BenchStack, type BenchStackOptions } from "./bench-stack.ts";
import { hopTable, LOAD_COLUMNS } from "./report.ts";
import { runStage, type Stage, type StageResult } from "./stage.ts";

const RESULTS = join(import.meta.dir, "../results");

export const USAGE = `bun run bench stack: signed orders against the exchange on real servers, every worker a process

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
} as const;

type Values = ReturnType<typeof parsed>;

function parsed(args: string[]) {
	return parseArgs({ args, options: OPTIONS }).values;
}

/** `bun run bench stack` */
export async function main(args: string[]): Promise<void> {
	const values = parsed(args);
	const edge = edgeOf(values.edge);
	const size = {
		edge,
		users: numberOf(values.users),
		shards: numberOf(values.shards),
		partitions: numberOf(values.partitions),
	};
	const results = await runAll(size, stagesOf(values));
	const command = `bun run bench stack ${args.join(" ")}`.trim();
	const tables = [machineTable(command), tableOf(LOAD_COLUMNS, results), hopTable(results)].join(
		"\n",
	);
	console.log(`\n${tables}`);
	if (values.connections !== undefined || values.rate !== undefined) return;
	mkdirSync(RESULTS, { recursive: true });
	const title = `# On real servers: signed orders through an edge under ${edge === "deno" ? "Deno" : "Bun"}`;
	writeFileSync(values.out ?? join(RESULTS, `stack-${edge}.md`), `${title}\n\n${tables}\n`);
}

function edgeOf(text: string): BenchStackOptions["edge"] {
	if (text === "bun" || text === "deno") return text;
	throw new UsageError(`--edge ${text}: must be bun or deno`);
}

/** What the bars are about; or the one load that was asked for. */
function stagesOf(values: Values): Stage[] {
	const common = {
		seconds: numberOf(values.seconds),
		warmupSeconds: numberOf(values.warmup),
		seed: numberOf(values.seed),
	};
	const listeners = numberOf(values.listeners);
	if (values.connections !== undefined || values.rate !== undefined) {
		const connections = numberOf(values.connections ?? "64");
		return [{ ...common, connections, rate: numberOf(values.rate ?? "0"), listeners: 0 }];
	}
	return [
		{ ...common, connections: 64, rate: 500, listeners: 0 },
		{ ...common, connections: 64, rate: 2_000, listeners },
		{ ...common, connections: 256, rate: 0, listeners: 0 },
	];
}

/** One stack for all loads: starting it takes longer than measuring. */
async function runAll(
	size: Omit<BenchStackOptions, "folder" | "say">,
	stages: readonly Stage[],
): Promise<StageResult[]> {
	const folder = mkdtempSync(join(tmpdir(), "castle-bench-"));
	const generator = new Generator();
	const say = (what: string) => console.error(what);
	const results: StageResult[] = [];
	let stack: BenchStack | null = null;
	try {
		stack = await BenchStack.start({ ...size, folder, say });
		for (const stage of stages) {
			const result = await runStage(stage, stack, generator, say);
			say(sentenceOf(LOAD_COLUMNS, result));
			results.push(result);
		}
	} finally {
		generator.dispose();
		await stack?.stop();
		rmSync(folder, { recursive: true, force: true });
	}
	return results;
}
