import { expect, test } from "bun:test";
import { runNumbers } from "./numbers/run-numbers.ts";

const SEEDS = Number(process.env["NUMBERS_SEEDS"] ?? 7);
const FIRST_SEED = Number(process.env["NUMBERS_FIRST_SEED"] ?? 1);
const STEPS = Number(process.env["NUMBERS_STEPS"] ?? 70);

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`money and market data are exact where numbers are extreme: seed ${seed}`, async () => {
		const { faults, fills } = await runNumbers(seed, STEPS);
		expect(faults).toEqual([]);
		expect(fills).toBeGreaterThan(0);
	});
}
