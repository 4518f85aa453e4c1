import type { EdgeServices } from "../../../edge/services.ts";
import type { AccountService } from "../../../schemas/ports/account-service.ts";
import type { VenueWorker } from "../../venue/worker.ts";

/** What the operator's commands work on: the edge's services, the venue's pen, every account shard. */
export interface OperatorServices {
	readonly edge: EdgeServices;
	readonly venue: VenueWorker;
	/** One for each shard of users, in order. */
	readonly shards: readonly AccountService[];
	readonly partitions: number;
	/** Resolves when whoever answers clients knows what the venue has changed up to now. */
	caughtUp(): Promise<void>;
}
