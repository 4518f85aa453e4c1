import { invariant } from "../../schemas/invariant.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { symbolOf } from "../venue/symbol-draft.ts";
import type { VenueWorker } from "../venue/worker.ts";
import { FIRST_ASSETS, firstMarkets } from "./markets.ts";

/** Gives a venue its first markets, ids 1 and up, as far as it lacks them; the names of all it has. */
export async function ensureMarkets(venue: VenueWorker, partitions: number): Promise<string[]> {
	for (const asset of FIRST_ASSETS) {
		if (venue.view().assetById(asset.assetId) === undefined) {
			expectDone(asset.asset, await venue.addAsset(asset));
		}
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
