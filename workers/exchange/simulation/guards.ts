/**
 * Takes rules out of the protocol, one at a time, and tells after how many seeds the simulation notices:
 * `bun workers/exchange/simulation/guards.ts [NAME] [SEEDS] [OPERATIONS] [FIRST]`. NAME is an
 * expression that the names wanted match, "" for all; FIRST the seed to begin with. Exits with 1 when
 * one was not noticed.
 */

import { GUARDS } from "./guards/catalog.ts";
import { missed } from "./guards/missed.ts";

const [name = "", seeds = "400", operations = "600", first = "1"] = process.argv.slice(2);
const waiting = GUARDS.filter((guard) => new RegExp(name).test(guard.name));
let unnoticed = 0;

async function work(): Promise<void> {
	for (let guard = waiting.shift(); guard !== undefined; guard = waiting.shift()) {
		const found = await missed(guard.name, Number(seeds), Number(operations), Number(first));
		if (found === null) unnoticed += 1;
		const after = found === null ? `not in ${seeds} seeds` : `seed ${found.seed}`;
		const how = found === null ? "" : found.fault.slice(0, 140);
		console.log(`${guard.name.padEnd(40)} ${after.padEnd(18)} ${how}`);
	}
}

await Promise.all([work(), work()]);
process.exit(unnoticed === 0 ? 0 : 1);
