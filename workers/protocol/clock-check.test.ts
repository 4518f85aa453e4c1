import { describe, expect, test } from "bun:test";
import { MemoryDatabase } from "../../db/ledger/memory-database.ts";
import { MemoryLedger } from "../../db/ledger/memory-ledger.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { type Ledger, LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { checkClock, checkClockByLedger } from "./clock-check.ts";

test("a clock may be half a second behind the log, and any time ahead of it", () => {
	const clock = { nowMs: () => 10_000, monotonicMs: () => 0 };
	expect(() => checkClock(clock, 10_500)).not.toThrow();
	expect(() => checkClock(clock, 0)).not.toThrow();
	expect(() => checkClock(clock, 10_501)).toThrow(
		"the clock says 1970-01-01T00:00:10.000Z, the log's last is 1970-01-01T00:00:10.501Z: 501 ms behind, where 500 ms may be",
	);
});

describe("a clock beside the ledger's", () => {
	/** Asks with a clock that is off by so much; the answers take these times, the last again and again. */
	async function asked(offMs: number, ...tookMs: readonly number[]): Promise<string> {
		const time = new VirtualTime(1_000_000);
		const own = { nowMs: () => time.nowMs() + offMs, monotonicMs: () => time.monotonicMs() };
		let calls = 0;
		const ledger = new MemoryLedger({
			...{ database: new MemoryDatabase(), scheduler: time, clock: time },
			latencyMs: () => tookMs[Math.min(calls++, tookMs.length - 1)] ?? 0,
		});
		let said = "";
		const checked = checkClockByLedger(own, time, ledger).then(
			() => {
				said = `sound after ${calls}`;
			},
			(error: unknown) => {
				expect(error).toBeInstanceOf(InvariantViolation);
				said = (error as Error).message;
			},
		);
		await time.advance(60_000);
		await checked;
		return said;
	}

	test("may be half a second off, either way", async () => {
		for (const offMs of [0, 500, -500]) expect(await asked(offMs)).toBe("sound after 1");
		expect(await asked(501)).toBe(
			"the clock says 1970-01-01T00:16:40.501Z, the ledger's is 1970-01-01T00:16:40.000Z: 501 ms ahead, where 500 ms may be",
		);
		expect(await asked(-501)).toBe(
			"the clock says 1970-01-01T00:16:39.499Z, the ledger's is 1970-01-01T00:16:40.000Z: 501 ms behind, where 500 ms may be",
		);
	});

	test("what the way takes is not held against it: half of it is what it counts for, and may all be", async () => {
		// The memory's ledger looks when the question has arrived, and answers at once.
		expect(await asked(0, 400)).toBe("sound after 1");
		expect(await asked(900, 400)).toBe("sound after 1");
		expect(await asked(901, 400)).toContain("701 ms ahead");
		expect(await asked(-500, 400)).toBe("sound after 1");
		expect(await asked(-501, 400)).toContain("701 ms behind");
	});

	test("an answer that is long in coming tells little: it is asked again, and the quickest counts", async () => {
		expect(await asked(700, 3_000, 2_000, 10)).toContain("ahead");
		expect(await asked(0, 3_000, 2_000, 10)).toBe("sound after 3");
		expect(await asked(700, 3_000)).toBe("sound after 5");
		expect(await asked(700, 3_000, 100, 3_000)).toContain("ahead");
	});

	test("a ledger that is away is waited for", async () => {
		const time = new VirtualTime();
		let calls = 0;
		const clockMs = async () => {
			calls += 1;
			if (calls < 3) throw new LedgerUnavailable("away");
			return time.nowMs();
		};
		const checked = checkClockByLedger(time, time, { clockMs } as Partial<Ledger> as Ledger);
		await time.advance(1_000);
		await checked;
		expect(calls).toBe(3);
	});
});
