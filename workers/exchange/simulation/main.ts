/**
 * Runs seeds by hand: `bun workers/exchange/simulation/main.ts FIRST [COUNT] [OPERATIONS]`. A failing
 * seed is printed with what was wrong and the command that repeats it.
 *
 * --counts: at the end, how often everything happened; --json: a line of JSON for each seed instead of
 * words; --first: stops at the first seed that fails.
 */
import { runSeed } from "./run-seed.ts";
import { Tally } from "./tally.ts";

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const has = (flag: string): boolean => process.argv.includes(flag);
const [first = "1", count = "1", operations = "400"] = words;
const total = new Tally();
let failed = 0;
for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
	const { trace, calls, elapsedMs, faults, counts } = await runSeed(seed, Number(operations));
	for (const [name, times] of counts) total.add(name, times);
	if (faults.length > 0) failed += 1;
	if (has("--json")) {
		console.log(
			JSON.stringify({ seed, trace, calls, faults, counts: has("--counts") ? counts : [] }),
		);
	} else {
		console.log(`seed ${seed}: ${trace} ${calls} calls, ${Math.round(elapsedMs / 1_000)} s`);
		for (const fault of faults.slice(0, 8)) console.log(`  ${fault.slice(0, 600)}`);
		const again = `bun workers/exchange/simulation/main.ts ${seed} 1 ${operations}`;
		if (faults.length > 0) console.log(`  again: ${again}`);
	}
	if (failed > 0 && has("--first")) break;
}
if (!has("--json")) {
	for (const [name, times] of has("--counts") ? total.entries() : []) {
		console.log(`${times.toString().padStart(10)} ${name}`);
	}
	console.log(`${failed} of ${count} seeds failed`);
}
process.exit(failed === 0 ? 0 : 1);
