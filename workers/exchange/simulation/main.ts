/** Runs seeds by hand; a failing seed is printed with what was wrong and the command that repeats it. */
import { parseArgs } from "node:util";
import { numberOf, refuseWords } from "../../../db/machine/usage.ts";
import { runSeed } from "./run-seed.ts";
import { Tally } from "./tally.ts";

const USAGE = `bun workers/exchange/simulation/main.ts [FIRST] [COUNT] [OPERATIONS]: seeds from FIRST (1) on, so many (1), of so many calls (400)

  --counts   at the end, how often everything happened
  --json     a line of JSON for each seed instead of words
  --first    stops at the first seed that fails`;

const OPTIONS = {
	counts: { type: "boolean", default: false },
	json: { type: "boolean", default: false },
	first: { type: "boolean", default: false },
	help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
	if (values.help) return console.log(USAGE);
	const [first = 1, count = 1, operations = 400] = positionals.map(numberOf);
	const total = new Tally();
	let failed = 0;
	for (let seed = first; seed < first + count; seed += 1) {
		const { trace, calls, elapsedMs, faults, counts } = await runSeed(seed, operations);
		for (const [name, times] of counts) total.add(name, times);
		if (faults.length > 0) failed += 1;
		if (values.json) {
			console.log(
				JSON.stringify({ seed, trace, calls, faults, counts: values.counts ? counts : [] }),
			);
		} else {
			console.log(`seed ${seed}: ${trace} ${calls} calls, ${Math.round(elapsedMs / 1_000)} s`);
			for (const fault of faults.slice(0, 8)) console.log(`  ${fault.slice(0, 600)}`);
			const again = `bun workers/exchange/simulation/main.ts ${seed} 1 ${operations}`;
			if (faults.length > 0) console.log(`  again: ${again}`);
		}
		if (failed > 0 && values.first) break;
	}
	if (!values.json) {
		for (const [name, times] of values.counts ? total.entries() : []) {
			console.log(`${times.toString().padStart(10)} ${name}`);
		}
		console.log(`${failed} of ${count} seeds failed`);
	}
	process.exit(failed === 0 ? 0 : 1);
}

await main().catch((error: unknown) => refuseWords(error, USAGE));
