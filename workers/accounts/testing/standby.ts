import { MemoryLedger } from "../../../db/ledger/memory-ledger.ts";
import { defaultAccountSettings } from "../settings.ts";
import type { World } from "./world.ts";

/** What a standby of shard 1 has, beside the worker that owns the shard. */
export function standbyIn({ time, database, orders, trades, pubsub }: World) {
	const ledger = new MemoryLedger({ database, scheduler: time, clock: time });
	return {
		...{ shard: 1, orders, trades, ledger, pubsub, clock: time, scheduler: time },
		...{ settings: defaultAccountSettings, exclusive: false },
	};
}

/** A port that differs from this one in so much. */
export function but<P extends object>(port: P, differs: Partial<P>): P {
	return Object.assign(Object.create(port), differs);
}
