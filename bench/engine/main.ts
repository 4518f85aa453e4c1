import { parseArgs } from "node:util";
import type { BookKind } from "../../engine/engine.ts";
import { latencyRound, type Round, recordCosts, throughputRound } from "./round.ts";
import { scriptOf } from "./script.ts";
import { readWorkload } from "./workload.ts";

const USAGE = `usage: bun run bench engine --workload FILE [--json] [--book fast|naive] [--rounds 5]`;

/** Replays an OBW1 file on the engine and prints its speed, its memory and its checksum. */
export async function main(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			workload: { type: "string" },
			json: { type: "boolean", default: false },
			book: { type: "string", default: "fast" },
			rounds: { type: "string", default: "5" },
		},
	});
	if (values.workload === undefined) throw new RangeError(USAGE);
	const book = values.book as BookKind;
	const script = scriptOf(readWorkload(await Bun.file(values.workload).arrayBuffer()));
	throughputRound(script, book);
	const rounds = Array.from({ length: Number(values.rounds) }, () => throughputRound(script, book));
	rounds.sort((a, b) => a.cpuSeconds - b.cpuSeconds);
	const round = rounds[rounds.length >>> 1] as Round;
	const result = { commands: script.workload.records, ...round, ...latencyRound(script, book) };
	console.log(JSON.stringify(result, (_, v) => (typeof v === "bigint" ? Number(v) : v)));
	if (!values.json) console.log(recordCosts(script, book));
	console.log(
		rounds.map((r) => (script.workload.records / r.cpuSeconds / 1e6).toFixed(2)).join(" "),
	);
}
