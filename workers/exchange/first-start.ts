import { invariant } from "../../schemas/invariant.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { symbolOf } from "../venue/symbol-draft.ts";
import type { VenueWorker } from "../venue/worker.ts";
import { FIRST_ASSETS, firstMarkets } from "./markets.ts";

/** Gives a venue its first markets, ids 1 and up, as far as it lacks them; the names of all it has. */
export async function ensureMarkets(venue: VenueWorker, partitions: number): Promise<string[]> {
	// With a market there, its assets are in every partition. Without, a start that died may have come to some only.
	const isBegun = venue.view().symbolById(1) !== undefined;
	for (const asset of FIRST_ASSETS) {
		const isThere = venue.view().assetById(asset.assetId) !== undefined;
		if (isThere && isBegun) continue;
		const answer = await venue.addAsset(asset);
		// Partitions that have it refuse it.
		if (!isThere) expectDone(asset.asset, answer);
	}
	const asset = (name: string) => {
		const found = venue.view().asset(name);
		invariant(found !== undefined, `the venue has no asset ${name}`);
		return found;
	};
	// One by one: a first start may have been killed between two of them.
	for (const [i, draft] of firstMarkets(asset).entries()) {
		if (venue.view().symbolById(i + 1) !== undefined) continue;
		const symbol = symbolOf(draft, i + 1, i % partitions);
		expectDone(symbol.symbol, await venue.addSymbol(symbol));
	}
	return venue
		.view()
		.symbols()
		.map((symbol) => symbol.symbol);
}

function expectDone(what: string, answer: Rejection): void {
	invariant(answer === Rejection.None, `the engine refused ${what}: ${answer}`);
}
