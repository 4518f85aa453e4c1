import { afterAll, describe, expect, test } from "bun:test";
import type { LeaseState, Leases } from "../../schemas/ports/leases.ts";

/** Leases of a store. */
export interface LeasesUnderTest {
	readonly leases: Leases;
	/** Those of another process; ended by itself. */
	another(): Leases;
	close(): Promise<void>;
}

/** Taken, or beaten, so often. */
function mine(beats: number): LeaseState {
	return { isMine: true, beats, isConnected: true };
}

/** Another's, whose last beat this is, and who is there. */
function others(beats: number): LeaseState {
	return { isMine: false, beats, isConnected: true };
}

/** What every implementation of Leases does. */
export function leasesContract(name: string, open: () => Promise<LeasesUnderTest>): void {
	describe(`leases in ${name}`, () => {
		const opened = open();
		afterAll(async () => (await opened).close());

		test("one holder at a time, whose beats others see grow", async () => {
			const { leases } = await opened;
			expect(await leases.take("one", "a", null)).toEqual(mine(1));
			expect(await leases.take("one", "b", null)).toEqual(others(1));
			expect(await leases.take("one", "a", null)).toEqual(mine(2));
			expect(await leases.take("one", "b", null)).toEqual(others(2));
			expect(await leases.take("two", "b", null)).toEqual(mine(1));
		});

		test("of many who want it at once one gets it", async () => {
			const { leases } = await opened;
			const isTaken = async (holder: string) => {
				for (;;) {
					// Who meets the one that makes it just now knows nothing, and asks again.
					const state = await leases.take("many", holder, null).catch(() => null);
					if (state !== null) return state.isMine;
				}
			};
			const holders = Array.from({ length: 20 }, (_, i) => `h${i}`);
			const taken = await Promise.all(holders.map(isTaken));
			expect(taken.filter(Boolean)).toHaveLength(1);
		});

		test("one thought dead is followed, unless it has beaten since", async () => {
			const { leases } = await opened;
			const { beats } = await leases.take("followed", "a", null);
			await leases.take("followed", "a", null);
			expect(await leases.take("followed", "b", beats)).toEqual(others(2));
			expect(await leases.take("followed", "b", 2)).toEqual(mine(3));
			expect(await leases.take("followed", "a", null)).toEqual(others(3));
			// Of two who think so at the same beat, one gets it.
			const both = await Promise.all(["c", "d"].map((h) => leases.take("followed", h, 3)));
			expect(both.filter(({ isMine }) => isMine)).toHaveLength(1);
		});

		test("a holder who has gone is seen to have gone, and to be back when he beats again", async () => {
			const { leases, another } = await opened;
			const gone = another();
			await gone.take("gone", "a", null);
			const look = () => leases.take("gone", "b", null);
			expect(await look()).toEqual(others(1));
			await gone.close();
			// The store hears of it when it hears of it.
			while ((await look()).isConnected);
			expect(await look()).toEqual({ isMine: false, beats: 1, isConnected: false });
			const back = another();
			await back.take("gone", "a", null);
			expect(await look()).toEqual(others(2));
			await back.close();
		});

		test("what is given back is free at once; nobody gives back another's", async () => {
			const { leases } = await opened;
			await leases.take("given", "a", null);
			await leases.release("given", "b");
			expect((await leases.take("given", "b", null)).isMine).toBe(false);
			await leases.release("given", "a");
			expect((await leases.take("given", "b", null)).isMine).toBe(true);
		});
	});
}
