import { afterAll, describe, expect, test } from "bun:test";
import type { Leases } from "../../schemas/ports/leases.ts";

/** Leases of a store, and its time. */
export interface LeasesUnderTest {
	readonly leases: Leases;
	/** Lets at least so much of the store's time pass. */
	pass(ms: number): Promise<void>;
	close(): Promise<void>;
}

const LONG_MS = 60_000;
const SHORT_MS = 30;

/** What every implementation of Leases does. */
export function leasesContract(name: string, open: () => Promise<LeasesUnderTest>): void {
	describe(`leases in ${name}`, () => {
		const opened = open();
		afterAll(async () => (await opened).close());

		test("one holder at a time, who keeps it by taking it again", async () => {
			const { leases } = await opened;
			expect(await leases.take("one", "a", LONG_MS)).toBe(true);
			expect(await leases.take("one", "b", LONG_MS)).toBe(false);
			expect(await leases.take("one", "a", LONG_MS)).toBe(true);
			expect(await leases.take("two", "b", LONG_MS)).toBe(true);
		});

		test("of many who want it at once one gets it", async () => {
			const { leases } = await opened;
			const holders = Array.from({ length: 20 }, (_, i) => `h${i}`);
			const taken = await Promise.all(holders.map((h) => leases.take("many", h, LONG_MS)));
			expect(taken.filter(Boolean)).toHaveLength(1);
		});

		test("what ran out is anybody's, and then no longer its old holder's", async () => {
			const { leases, pass } = await opened;
			expect(await leases.take("short", "a", SHORT_MS)).toBe(true);
			await pass(SHORT_MS + 1);
			expect(await leases.take("short", "b", LONG_MS)).toBe(true);
			expect(await leases.take("short", "a", LONG_MS)).toBe(false);
		});

		test("what ran out and nobody took is still its holder's to keep", async () => {
			const { leases, pass } = await opened;
			expect(await leases.take("alone", "a", SHORT_MS)).toBe(true);
			await pass(SHORT_MS + 1);
			expect(await leases.take("alone", "a", LONG_MS)).toBe(true);
			expect(await leases.take("alone", "b", LONG_MS)).toBe(false);
		});

		test("what is given back is free at once; nobody gives back another's", async () => {
			const { leases } = await opened;
			expect(await leases.take("given", "a", LONG_MS)).toBe(true);
			await leases.release("given", "b");
			expect(await leases.take("given", "b", LONG_MS)).toBe(false);
			await leases.release("given", "a");
			expect(await leases.take("given", "b", LONG_MS)).toBe(true);
		});
	});
}
