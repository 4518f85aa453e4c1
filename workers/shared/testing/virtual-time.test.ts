import { expect, test } from "bun:test";
import fc from "fast-check";
import { VirtualTime } from "./virtual-time.ts";

test("timers run in order of due time, then of setting, each at its own moment", () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }), (delays) => {
			const time = new VirtualTime(0);
			const seen: [number, number][] = [];
			delays.forEach((delay, i) => {
				time.after(delay, () => seen.push([time.nowMs(), i]));
			});
			while (time.step());
			const expected = delays.map((delay, i): [number, number] => [delay, i]);
			expect(seen).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
		}),
	);
});

test("advance lets promises settle between timers and stops at its moment", async () => {
	const time = new VirtualTime(1_000);
	const seen: string[] = [];
	const cancel = time.every(10, () => {
		void Promise.resolve().then(() => seen.push(`then ${time.nowMs()}`));
		time.soon(() => seen.push(`soon ${time.nowMs()}`));
	});
	await time.advance(25);
	expect(seen).toEqual(["then 1010", "soon 1010", "then 1020", "soon 1020"]);
	expect(time.nowMs()).toBe(1_025);
	cancel();
	await time.advance(100);
	expect(seen).toHaveLength(4);
	expect(time.nextDueMs()).toBe(Number.POSITIVE_INFINITY);
});
