import { describe, expect, test } from "bun:test";
import { runSeed, type SeedReport } from "./run-seed.ts";
import { Tally } from "./tally.ts";

const SEEDS = Number(process.env["SIM_SEEDS"] ?? 20);
const OPERATIONS = Number(process.env["SIM_OPERATIONS"] ?? 300);

describe("the whole exchange under a seed, twice", () => {
	const reports: SeedReport[] = [];

	test.each(Array.from({ length: SEEDS }, (_, i) => i + 1))("seed %d", async (seed) => {
		const report = await runSeed(seed, OPERATIONS);
		const again = `again: bun workers/exchange/simulation/main.ts ${seed} 1 ${OPERATIONS}`;
		expect(report.faults, again).toEqual([]);
		const second = await runSeed(seed, OPERATIONS);
		expect(second.trace, again).toBe(report.trace);
		reports.push(report);
	});

	test("the seeds were worth running: trades, kills, refusals, all of them", () => {
		const total = new Tally();
		for (const { counts } of reports) for (const [name, times] of counts) total.add(name, times);
		expect(total.of("killed: accounts")).toBeGreaterThan(0);
		expect(total.of("status 200")).toBeGreaterThan((SEEDS * OPERATIONS) / 3);
		expect(total.of("status 400")).toBeGreaterThan(SEEDS);
		expect(new Set(reports.map((report) => report.trace)).size).toBe(SEEDS);
	});
});
