import type { KeyValue } from "../../schemas/ports/key-value.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import type { IpLimits } from "./ip-limits.ts";

/** How late an edge may learn what the others have counted. */
const SHARE_EVERY_MS = 1_000;
/** Addresses told at a time; the rest follow. */
const MOST_ADDRESSES = 1_000;
/** Longer than the minute that is counted. */
const KEPT_MS = 120_000;

export interface SharedWeightsPorts {
	readonly keyValue: KeyValue;
	readonly scheduler: Scheduler;
}

/**
 * Sums the weights of addresses over all edges, a counter for each address and minute. With the
 * key-value store away each edge goes on by its own counts and by what it heard last. Gives what ends it.
 */
export function shareWeights(limits: IpLimits, ports: SharedWeightsPorts): Cancel {
	let sharing = false;
	return ports.scheduler.every(SHARE_EVERY_MS, () => {
		if (sharing) return;
		sharing = true;
		void share(limits, ports.keyValue).finally(() => {
			sharing = false;
		});
	});
}

async function share(limits: IpLimits, keyValue: KeyValue): Promise<void> {
	await Promise.allSettled(
		limits.untold(MOST_ADDRESSES).map(async (untold) => {
			const { address, minute, weight } = untold;
			const sum = await keyValue.increment(`weight:${address}:${minute}`, weight, KEPT_MS);
			limits.told(untold, sum);
		}),
	);
}
