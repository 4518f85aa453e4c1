import type { AccountService } from "../schemas/ports/account-service.ts";
import type { AuditLog } from "../schemas/ports/audit-log.ts";
import type { Clock } from "../schemas/ports/clock.ts";
import type { Passwords, SecretBox, Signatures } from "../schemas/ports/crypto.ts";
import type { KeyValue } from "../schemas/ports/key-value.ts";
import type { ListenKeys } from "../schemas/ports/listen-keys.ts";
import type { Logger } from "../schemas/ports/logger.ts";
import type { MarketData } from "../schemas/ports/market-data.ts";
import type { OrderLog } from "../schemas/ports/order-log.ts";
import type { PubSub } from "../schemas/ports/pubsub.ts";
import type { Random } from "../schemas/ports/random.ts";
import type { Scheduler } from "../schemas/ports/scheduler.ts";
import type { Users } from "../schemas/ports/users.ts";
import type { EdgeSettings } from "./settings.ts";

/** Everything the edge talks to. The entry file of a runtime, or the exchange's, wires it. */
export interface EdgeServices {
	readonly settings: EdgeSettings;
	/** The account worker of this user's shard. */
	accounts(userId: number): AccountService;
	readonly marketData: MarketData;
	readonly orderLog: OrderLog;
	readonly users: Users;
	readonly audit: AuditLog;
	readonly keyValue: KeyValue;
	readonly listenKeys: ListenKeys;
	readonly pubsub: PubSub;
	readonly signatures: Signatures;
	readonly passwords: Passwords;
	readonly secretBox: SecretBox;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly random: Random;
	readonly logger: Logger;
	/** An invariant does not hold: stops the process. Called at most once in its life. */
	fatal(error: unknown): void;
	/** True while the exchange takes orders; /health/ready says so. */
	ready(): boolean;
	/** What else /health/ready says, by name; absent where the process has nothing to say. */
	health?(): Readonly<Record<string, string>>;
	/** Prometheus text of the process, appended to the edge's own. */
	metrics(): string;
	/** Files of the API page (its scripts and styles), by name; null when there is none. */
	asset(
		name: string,
	): Promise<{ readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> } | null>;
}
