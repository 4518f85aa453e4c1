/** The order log as a process of its own: one writer for each partition whose lease it holds. */
import { RedisPubSub } from "../../db/cache/redis-pubsub.ts";
import { holdToSchema } from "../../db/ledger/hold-to-schema.ts";
import { PostgresLedger } from "../../db/ledger/postgres-ledger.ts";
import { runProcess } from "../../db/machine/process-frame.ts";
import { DynamoDbOrderLog } from "../../db/order-log/dynamodb/dynamodb-order-log.ts";
import {
	DYNAMODB_SETTINGS,
	dynamoDbOf,
	postgresOf,
	REDIS_SETTINGS,
	redisOf,
} from "../../db/stores/server-settings.ts";
import { LOG_SETTINGS, openTrades } from "../shared/process/cluster-log.ts";
import {
	LEASE_SETTINGS,
	openTurns,
	ownedPartitions,
	PARTITION_SETTINGS,
} from "../shared/process/cluster-turns.ts";
import { PartitionWriter } from "./partition-writer.ts";

/** How long records may come together. It writes no more often than that by far. */
const GATHER_MS = 100;

await runProcess({
	name: "order-log",
	says: "writes every order's life and every fill from `trades` to DynamoDB",
	settings: {
		...PARTITION_SETTINGS,
		...LOG_SETTINGS,
		...LEASE_SETTINGS,
		...REDIS_SETTINGS,
		...DYNAMODB_SETTINGS,
	},
	async start(settings, frame) {
		const partitions = ownedPartitions(settings);
		const { scheduler, logger } = frame;
		await frame.untilThere("PostgreSQL", () => holdToSchema(postgresOf(settings)));
		const trades = await openTrades(settings, frame, GATHER_MS);
		const pubsub = await RedisPubSub.open(redisOf(settings), logger);
		frame.onDrain(() => pubsub.close());
		const ledger = new PostgresLedger(postgresOf(settings));
		frame.onDrain(() => ledger.close());
		const orderLog = new DynamoDbOrderLog({ settings: dynamoDbOf(settings), scheduler });
		frame.onDrain(() => orderLog.close());
		const turns = openTurns(settings, frame);
		const { onFatal } = turns;
		for (const partition of partitions) {
			turns.add(
				`order-log-${partition}`,
				() =>
					new PartitionWriter({
						...{ partition, trades, ledger, orderLog, pubsub, scheduler, logger, onFatal },
					}),
			);
		}
		turns.start();
	},
});
