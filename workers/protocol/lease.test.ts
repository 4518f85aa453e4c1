import { expect, test } from "bun:test";
import { LEASE_MS, Lease, TAKE_OVER_WAIT_MS } from "./lease.ts";
import { momentOf } from "./stopwatch.ts";

function clocks() {
	let wall = 1_000_000;
	let monotonic = 0;
	return {
		clock: { nowMs: () => wall, monotonicMs: () => monotonic },
		pass(wallMs: number, monotonicMs: number) {
			wall += wallMs;
			monotonic += monotonicMs;
		},
	};
}

test("a lease counts from the sending of its proof and ends in time", () => {
	const { clock, pass } = clocks();
	const lease = new Lease(clock);
	expect(lease.mayAnswer()).toBe(false);
	const sentAt = momentOf(clock);
	pass(LEASE_MS - 1, LEASE_MS - 1);
	lease.prove(sentAt);
	expect(lease.mayAnswer()).toBe(true);
	pass(1, 1);
	expect(lease.mayAnswer()).toBe(false);
});

test("neither a paused process nor a clock set back makes it longer", () => {
	for (const [wallMs, monotonicMs] of [
		[LEASE_MS, 0],
		[-60_000, LEASE_MS],
	] as const) {
		const { clock, pass } = clocks();
		const lease = new Lease(clock);
		lease.prove(momentOf(clock));
		pass(wallMs, monotonicMs);
		expect(lease.mayAnswer()).toBe(false);
	}
});

test("an older proof takes nothing back, and a new owner waits longer than any lease", () => {
	const { clock, pass } = clocks();
	const lease = new Lease(clock);
	const older = momentOf(clock);
	pass(LEASE_MS, LEASE_MS);
	lease.prove(momentOf(clock));
	lease.prove(older);
	expect(lease.mayAnswer()).toBe(true);
	expect(TAKE_OVER_WAIT_MS).toBeGreaterThan(LEASE_MS);
});
