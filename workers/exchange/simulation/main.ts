/**
 * Runs seeds by hand: `bun workers/exchange/simulation/main.ts FIRST [COUNT] [OPERATIONS]`. A failing
 * seed is printed with what was wrong, and is repeated by its number alone.
 */
import { runSeed } from "./run-seed.ts";

const [first = "1", count = "1", operations = "400"] = process.argv.slice(2);
let failed = 0;
for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
	const report = await runSeed(seed, Number(operations));
	const { trace, calls, answered, kills, trades, faults } = report;
	console.log(
		`seed ${seed}: ${trace} ${calls} calls, ${answered} answered, ${kills} kills, ${trades} records`,
	);
	if (faults.length === 0) continue;
	failed += 1;
	for (const fault of faults.slice(0, 10)) console.log(`  ${fault.slice(0, 500)}`);
	console.log(`  again: bun workers/exchange/simulation/main.ts ${seed} 1 ${operations}`);
}
console.log(`${failed} of ${count} seeds failed`);
process.exit(failed === 0 ? 0 : 1);
