import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { generate } from "./engine/generator.ts";
import { writeWorkload } from "./engine/workload.ts";

const USAGE = `usage: bun run bench generate --out FILE [--seed 1] [--records 2000000] [--symbols 1]
  [--users 1000] [--wander 1] [--reduce 0]
  --wander F   the mid price wanders over a range whose ends are a factor F apart; 1 only drifts
  --reduce P   percent of the records that reduce an order, taken from the limit orders`;

/** Writes an OBW1 file of random commands: the same options, the same bytes. */
export async function main(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			out: { type: "string" },
			seed: { type: "string", default: "1" },
			records: { type: "string", default: "2000000" },
			symbols: { type: "string", default: "1" },
			users: { type: "string", default: "1000" },
			wander: { type: "string", default: "1" },
			reduce: { type: "string", default: "0" },
		},
	});
	if (values.out === undefined) throw new RangeError(USAGE);
	const workload = generate({
		seed: Number(values.seed),
		records: Number(values.records),
		symbols: Number(values.symbols),
		users: Number(values.users),
		wander: Number(values.wander),
		reducePercent: Number(values.reduce),
	});
	writeFileSync(values.out, writeWorkload(workload));
	console.log(
		`${values.out}: ${workload.records} records, ${workload.highestOrderId} orders, ` +
			`prices ${workload.lowestPrice} to ${workload.highestPrice}`,
	);
}
