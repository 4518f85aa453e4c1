import { describe, expect, test } from "bun:test";
import { runSeed, type SeedReport } from "./run-seed.ts";

const SEEDS = Number(process.env["SIM_SEEDS"] ?? 20);
const OPERATIONS = Number(process.env["SIM_OPERATIONS"] ?? 400);

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
		const sum = (of: (report: SeedReport) => number) => reports.reduce((n, r) => n + of(r), 0);
		expect(sum((r) => r.kills)).toBeGreaterThan(SEEDS / 2);
		expect(sum((r) => r.statuses.get(200) ?? 0)).toBeGreaterThan((SEEDS * OPERATIONS) / 3);
		expect(sum((r) => r.statuses.get(400) ?? 0)).toBeGreaterThan(SEEDS);
		expect(new Set(reports.map((r) => r.trace)).size).toBe(SEEDS);
	});
});
