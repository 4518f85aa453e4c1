import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { ApiError } from "./api-error.ts";
import { EngineWait } from "./engine-wait.ts";
import { FakeTime } from "./testing/fake-time.ts";

const WAIT_MS = 1_000;
const STEP_MS = WAIT_MS / 20;

interface Wait {
	readonly beganMs: number;
	/** What the reply was told, and when. */
	readonly told: [what: string, atMs: number][];
	answer(): void;
}

function begin(waits: EngineWait, time: FakeTime): Wait {
	const told: Wait["told"] = [];
	const { promise, resolve } = Promise.withResolvers<unknown>();
	waits.within(promise, {
		succeed: (result) => told.push([String(result), time.now]),
		fail: (error) => told.push([String((error as ApiError).code), time.now]),
	});
	return { beganMs: time.now, told, answer: () => resolve("done") };
}

/** After each 10 ms one begins, and one that began before may be answered. */
const life = fc.array(fc.option(fc.nat(), { freq: 1 }), {
	minLength: 1,
	maxLength: 300,
	size: "max",
});

test("everyone is told once: the answer, or -1007 when its time is over", async () => {
	await fc.assert(
		fc.asyncProperty(life, async (steps) => {
			const time = new FakeTime(0);
			const waits = new EngineWait(WAIT_MS, time);
			const all: Wait[] = [];
			for (const picked of steps) {
				all.push(begin(waits, time));
				if (picked !== null) all[picked % all.length]?.answer();
				await Promise.resolve();
				time.advance(10);
			}
			time.advance(3 * WAIT_MS);
			for (const wait of all) wait.answer();
			await Promise.resolve();
			for (const { beganMs, told } of all) {
				expect(told.length).toBe(1);
				const [what, atMs] = told[0]!;
				if (what === "done") expect(atMs - beganMs).toBeLessThanOrEqual(WAIT_MS + 2 * STEP_MS);
				else {
					expect(what).toBe("-1007");
					expect(atMs - beganMs).toBeGreaterThanOrEqual(WAIT_MS);
					expect(atMs - beganMs).toBeLessThanOrEqual(WAIT_MS + 2 * STEP_MS);
				}
			}
		}),
		{ numRuns: 60 },
	);
});
