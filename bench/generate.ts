import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { numberOf, UsageError } from "../db/machine/usage.ts";
import { generate } from "./engine/generator.ts";
import { writeWorkload } from "./engine/workload.ts";

export const USAGE = `bun run bench generate: an OBW1 file of random commands

  --out FILE    must be given
  --seed N      (1)      --records N  (2000000)   --symbols N  (1)   --users N  (1000)
  --wander F    the mid price wanders over a range whose ends are a factor F apart; 1 only drifts (1)
  --reduce P    percent of the records that reduce an order, taken from the limit orders (0)`;

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
	if (values.out === undefined) throw new UsageError("--out must be given");
	const workload = generate({
		seed: numberOf(values.seed),
		records: numberOf(values.records),
		symbols: numberOf(values.symbols),
		users: numberOf(values.users),
		wander: numberOf(values.wander),
		reducePercent: numberOf(values.reduce),
	});
	writeFileSync(values.out, writeWorkload(workload));
	console.log(
		`${values.out}: ${workload.records} records, ${workload.highestOrderId} orders, ` +
			`prices ${workload.lowestPrice} to ${workload.highestPrice}`,
	);
}
