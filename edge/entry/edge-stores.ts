import { StoredListenKeys } from "../../db/cache/listen-keys.ts";
import { RedisKeyValue } from "../../db/cache/redis-key-value.ts";
import { RedisMarketCache } from "../../db/cache/redis-market-cache.ts";
import { RedisPubSub } from "../../db/cache/redis-pubsub.ts";
import { LoggedAuditLog } from "../../db/ledger/logged-audit-log.ts";
import { PostgresAuditLog } from "../../db/ledger/postgres-audit-log.ts";
import { PostgresUsers } from "../../db/ledger/postgres-users.ts";
import type { ProcessFrame } from "../../db/machine/process-frame.ts";
import { DynamoDbOrderLog } from "../../db/order-log/dynamodb/dynamodb-order-log.ts";
import {
	DYNAMODB_SETTINGS,
	dynamoDbOf,
	POSTGRES_SETTINGS,
	postgresOf,
	REDIS_SETTINGS,
	redisOf,
	VENUE_SETTINGS,
} from "../../db/stores/server-settings.ts";
import type { MarketCache } from "../../schemas/ports/market-cache.ts";
import type { SettingsOf } from "../../schemas/settings.ts";
import type { EdgeServices } from "../services.ts";

/** Settings of the servers that the edge reads and writes. */
export const EDGE_STORE_SETTINGS = {
	...VENUE_SETTINGS,
	...POSTGRES_SETTINGS,
	...REDIS_SETTINGS,
	...DYNAMODB_SETTINGS,
} as const;

/** What of the edge's services is on servers. */
export type EdgeStores = Pick<
	EdgeServices,
	"users" | "audit" | "orderLog" | "keyValue" | "listenKeys" | "pubsub"
> & { readonly marketCache: MarketCache };

/** Opens them; they are closed with the frame. None needs to answer yet. */
export async function openEdgeStores(
	settings: SettingsOf<typeof EDGE_STORE_SETTINGS>,
	frame: ProcessFrame,
): Promise<EdgeStores> {
	const { scheduler, random, logger } = frame;
	const users = new PostgresUsers(postgresOf(settings));
	frame.onDrain(() => users.close());
	const entries = new PostgresAuditLog(postgresOf(settings));
	frame.onDrain(() => entries.close());
	const audit = new LoggedAuditLog(entries, logger);
	const orderLog = new DynamoDbOrderLog({ settings: dynamoDbOf(settings), scheduler });
	frame.onDrain(() => orderLog.close());
	const keyValue = await RedisKeyValue.open(redisOf(settings), logger);
	frame.onDrain(() => keyValue.close());
	const pubsub = await RedisPubSub.open(redisOf(settings), logger);
	frame.onDrain(() => pubsub.close());
	const marketCache = await RedisMarketCache.open(redisOf(settings), logger);
	frame.onDrain(() => marketCache.close());
	const listenKeys = new StoredListenKeys({ keyValue, random });
	return { users, audit, orderLog, keyValue, listenKeys, pubsub, marketCache };
}
