import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { numberOf } from "../../db/machine/usage.ts";
import { sentenceOf, tableOf } from "../columns.ts";
import { machineTable } from "../machine.ts";
import { Generator } from "./generator.ts";
import { API_COLUMNS } from "./report.ts";
import { runStage, type Stage, type StageResult } from "./stage.ts";

const RESULTS = join(import.meta.dir, "../results");

/** What the bars are about: as fast as answers come, and by the clock. */
const STANDARD = [
	{ connections: 128, rate: 0 },
	{ connections: 16, rate: 0 },
	{ connections: 128, rate: 2_000 },
	{ connections: 128, rate: 5_000 },
] as const;

export const USAGE = `bun run bench api: signed orders over HTTP against the whole exchange in a process of its own

  --seconds N       how long each is measured (60), after --warmup N (10)
  --connections N   one run with so many connections, as fast as answers come
  --rate N          one run at so many orders per second, by the clock
  --users N         (1000)   --subscribers N  WebSocket clients on depth (100)
  --seed N          (1)      --json           one line of JSON instead of a table
  --out FILE        where the table goes (bench/results/api.md)
  --set NAME=VALUE  a setting of the exchange, any number of times`;

const OPTIONS = {
	seconds: { type: "string", default: "60" },
	warmup: { type: "string", default: "10" },
	connections: { type: "string" },
	rate: { type: "string" },
	users: { type: "string", default: "1000" },
	subscribers: { type: "string", default: "100" },
	seed: { type: "string", default: "1" },
	json: { type: "boolean", default: false },
	out: { type: "string", default: join(RESULTS, "api.md") },
	set: { type: "string", multiple: true, default: [] as string[] },
} as const;

/** `bun run bench api` */
export async function main(args: string[]): Promise<void> {
	const { values } = parseArgs({ args, options: OPTIONS });
	const common = {
		seconds: numberOf(values.seconds),
		warmupSeconds: numberOf(values.warmup),
		users: numberOf(values.users),
		subscribers: numberOf(values.subscribers),
		seed: numberOf(values.seed),
	};
	const single = values.connections !== undefined || values.rate !== undefined;
	const one = {
		connections: numberOf(values.connections ?? "128"),
		rate: numberOf(values.rate ?? "0"),
	};
	const stages: Stage[] = (single ? [one] : STANDARD).map((s) => ({ ...s, ...common }));
	const settings = Object.fromEntries(values.set.map(settingOf));
	const results = await runAll(stages, settings);
	if (values.json) return console.log(JSON.stringify(results));
	const command = `bun run bench api ${args.join(" ")}`.trim();
	const table = `${machineTable(command)}\n${tableOf(API_COLUMNS, results)}`;
	console.log(`\n${table}`);
	if (single) return;
	mkdirSync(RESULTS, { recursive: true });
	writeFileSync(values.out, `# End to end: signed orders over HTTP\n\n${table}`);
}

/** "NAME=VALUE"; the value may hold more of them. */
function settingOf(text: string): [string, string] {
	const equals = text.indexOf("=");
	return [text.slice(0, equals), text.slice(equals + 1)];
}

async function runAll(
	stages: readonly Stage[],
	settings: Readonly<Record<string, string>>,
): Promise<StageResult[]> {
	const generator = new Generator();
	const results: StageResult[] = [];
	try {
		for (const stage of stages) {
			const result = await runStage(stage, generator, settings, (what) => console.error(what));
			console.error(sentenceOf(API_COLUMNS, result));
			results.push(result);
		}
	} finally {
		generator.dispose();
	}
	return results;
}
