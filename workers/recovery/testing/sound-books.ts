import { expect } from "bun:test";
import type { LossyVenue } from "./lossy-venue.ts";

/** Everybody holds what is in the books, and every sum is right, after so long a rest: what is in the books. */
export async function soundBooks(venue: LossyVenue, restMs: number): Promise<readonly string[]> {
	await venue.time.advance(restMs);
	expect(await venue.faults()).toEqual([]);
	const { books, ...others } = await venue.openIds();
	expect(others).toEqual({ accounts: books, ledger: books, orderLog: books });
	return books;
}
