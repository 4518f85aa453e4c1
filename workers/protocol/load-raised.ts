import { type Ledger, LedgerUnavailable, type ShardState } from "../../schemas/ports/ledger.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { retried } from "./patience.ts";

/**
 * A shard as the ledger has it since its epoch was raised. A server that does not know of the raise lags
 * behind the writer: gone on from what it has, the first batch would count as committed long ago. It is
 * asked again.
 *
 * @param epoch what `raiseEpoch` has returned
 */
export function loadRaised(
	ledger: Ledger,
	scheduler: Scheduler,
	shard: number,
	epoch: number,
): Promise<ShardState> {
	return retried(scheduler, async () => {
		const state = await ledger.load(shard);
		if (state.epoch >= epoch) return state;
		throw new LedgerUnavailable(`shard ${shard} was loaded at epoch ${state.epoch}, not ${epoch}`);
	});
}
