/** Takes rules out of the protocol, one at a time, and tells after how many seeds the simulation notices. */
import { parseArgs } from "node:util";
import { numberOf, refuseWords, UsageError } from "../../../db/machine/usage.ts";
import { GUARDS } from "./guards/catalog.ts";
import { missed } from "./guards/missed.ts";

const USAGE = `bun workers/exchange/simulation/guards.ts [NAME] [SEEDS] [OPERATIONS] [FIRST]

  NAME         an expression that the names of the guards match; "" for all
  SEEDS        how many it may take (400), of OPERATIONS calls each (600), from the seed FIRST (1) on

  Exits with 1 when one was not noticed.`;

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { help: { type: "boolean", default: false } },
	});
	if (values.help) return console.log(USAGE);
	const [name = "", ...numbers] = positionals;
	const [seeds = 400, operations = 600, first = 1] = numbers.map(numberOf);
	const waiting = GUARDS.filter((guard) => new RegExp(name).test(guard.name));
	if (waiting.length === 0) throw new UsageError(`no guard is called "${name}"`);
	let unnoticed = 0;
	const work = async (): Promise<void> => {
		for (let guard = waiting.shift(); guard !== undefined; guard = waiting.shift()) {
			const found = await missed(guard.name, seeds, operations, first);
			if (found === null) unnoticed += 1;
			const after = found === null ? `not in ${seeds} seeds` : `seed ${found.seed}`;
			const how = found === null ? "" : found.fault.slice(0, 140);
			console.log(`${guard.name.padEnd(40)} ${after.padEnd(18)} ${how}`);
		}
	};
	await Promise.all([work(), work()]);
	process.exit(unnoticed === 0 ? 0 : 1);
}

await main().catch((error: unknown) => refuseWords(error, USAGE));
