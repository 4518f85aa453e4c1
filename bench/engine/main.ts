import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { numberOf, UsageError } from "../../db/machine/usage.ts";
import type { BookKind } from "../../engine/book.ts";
import type { Contender } from "./contender.ts";
import { castle, exchangeCore, nodejsOrderBook } from "./peers.ts";
import { rehearsed } from "./rehearsal.ts";
import { printJson, printTable, writeReport } from "./report.ts";
import { recordCosts } from "./round.ts";
import { scriptOf } from "./script.ts";
import { tournament } from "./tournament.ts";
import { readWorkload } from "./workload.ts";

export const USAGE = `bun run bench engine: an OBW1 file on the engine and its peers: speed, memory and checksum

  --workload FILE    must be given; "bun run bench generate" makes one
  --json             one line of JSON with this engine's figures, and nothing else
  --peers LIST       exchange-core, nodejs-order-book, or both with a comma: on the same file, in turn
  --book KIND        fast (the one that trades) or naive
  --rounds N         rounds that count, 5; the median is shown
  --warm-up SECONDS  of rounds before them, per engine, 3: compilers need it, on short files above all
  --write            adds the table to bench/results`;

const PEERS: Readonly<Record<string, (file: string) => Contender>> = {
	"exchange-core": exchangeCore,
	"nodejs-order-book": nodejsOrderBook,
};

/** Replays an OBW1 file on the engine and its peers and prints speed, memory and checksum. */
export async function main(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			workload: { type: "string" },
			json: { type: "boolean", default: false },
			peers: { type: "string", default: "" },
			book: { type: "string", default: "fast" },
			rounds: { type: "string", default: "5" },
			"warm-up": { type: "string", default: "3" },
			write: { type: "boolean", default: false },
		},
	});
	if (values.workload === undefined) throw new UsageError("--workload must be given");
	if (values.book !== "fast" && values.book !== "naive") {
		throw new UsageError(`--book ${values.book}: must be fast or naive`);
	}
	const rounds = numberOf(values.rounds);
	const warmUpSeconds = numberOf(values["warm-up"]);
	const file = resolve(values.workload);
	if (!existsSync(file))
		throw new UsageError(`--workload ${values.workload}: there is no such file`);
	const contenders = [castle(file, values.book)];
	for (const name of values.peers.split(",").filter((one) => one !== "")) {
		const start = PEERS[name];
		if (start === undefined) throw new UsageError(`--peers: there is no ${name}`);
		contenders.push(start(file));
	}
	const scores = await tournament(contenders, rounds, warmUpSeconds);
	if (values.json) {
		printJson(scores);
		return;
	}
	const script = rehearsed(scriptOf(readWorkload(await Bun.file(file).arrayBuffer())));
	const costs = recordCosts(script, values.book satisfies BookKind);
	const table = printTable(file, script.workload, scores, costs);
	if (values.write) writeReport(file, args, table);
}
