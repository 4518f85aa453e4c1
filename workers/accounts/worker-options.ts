import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { Random } from "../../schemas/ports/random.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import type { AccountSettings } from "./settings.ts";

/** What an account worker is made of. */
export interface AccountWorkerOptions {
	/** From 1. */
	readonly shard: number;
	readonly orders: Log<OrdersRecord>;
	readonly trades: Log<EventRecord>;
	readonly ledger: Ledger;
	readonly pubsub: PubSub;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly random: Random;
	readonly logger: Logger;
	readonly settings: AccountSettings;
	/** A data-folder lock proves the old owner dead: the wait at the start is spared. */
	readonly exclusive: boolean;
	/** Whether what it writes to has room for new orders; absent: that is not its to know. */
	hasRoom?(): boolean;
	/** The worker cannot go on: its process stops and replays. */
	onFatal(error: unknown): void;
}
