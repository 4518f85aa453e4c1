import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { retried } from "./patience.ts";

/**
 * What the ledger says of a shard since its epoch was raised. A server that does not know of the raise lags
 * behind the writer: gone on from what it has, the first batch would count as committed long ago. It is
 * asked again.
 *
 * @param epoch what `raiseEpoch` has returned
 */
export function sinceRaised<T extends { readonly epoch: number }>(
	scheduler: Scheduler,
	shard: number,
	epoch: number,
	ask: () => Promise<T>,
): Promise<T> {
	return retried(scheduler, async () => {
		const told = await ask();
		if (told.epoch >= epoch) return told;
		throw new LedgerUnavailable(`shard ${shard} was told at epoch ${told.epoch}, not ${epoch}`);
	});
}
