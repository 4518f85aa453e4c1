/** Market data as a process of its own: one worker for each partition whose lease it holds. */
import { S3Archive } from "../../db/archive/s3-archive.ts";
import { RedisMarketCache } from "../../db/cache/redis-market-cache.ts";
import { RedisPubSub } from "../../db/cache/redis-pubsub.ts";
import { runProcess } from "../../db/machine/process-frame.ts";
import { REDIS_SETTINGS, redisOf, S3_SETTINGS, s3Of } from "../../db/stores/server-settings.ts";
import { DIALER_SETTINGS } from "../../schemas/venue-settings.ts";
import { MarketDataOnLink } from "../shared/link/market-data-on-link.ts";
import { LOG_SETTINGS, openMarketData, openTrades } from "../shared/process/cluster-log.ts";
import {
	LEASE_SETTINGS,
	openTurns,
	ownedPartitions,
	PARTITION_SETTINGS,
} from "../shared/process/cluster-turns.ts";
import { dialerOf } from "../shared/process/gateways.ts";
import type { MarketDataWorker } from "./market-data-worker.ts";
import { PartitionServer } from "./partition-server.ts";
import { TopicCopy } from "./topic-copy.ts";

/** How long records may come together. It publishes in ticks. */
const GATHER_MS = 10;

await runProcess({
	name: "market-data",
	says: "makes books, trades, bars and tickers of `trades`, publishes them, and answers for them",
	settings: {
		...PARTITION_SETTINGS,
		...DIALER_SETTINGS,
		...LOG_SETTINGS,
		...LEASE_SETTINGS,
		...REDIS_SETTINGS,
		...S3_SETTINGS,
	},
	async start(settings, frame) {
		const partitions = ownedPartitions(settings);
		const { clock, scheduler, random, logger } = frame;
		const log = await openTrades(settings, frame, GATHER_MS);
		const topic = await openMarketData(settings, frame);
		const redis = await RedisPubSub.open(redisOf(settings), logger);
		frame.onDrain(() => redis.close());
		const cache = await RedisMarketCache.open(redisOf(settings), logger);
		frame.onDrain(() => cache.close());
		const pubsub = new TopicCopy({ pubsub: redis, log: topic, scheduler, logger });
		frame.onDrain(() => pubsub.stop());
		frame.addMetrics(() => pubsub.metrics());
		const archive = new S3Archive(s3Of(settings));
		frame.onDrain(() => archive.close());
		const turns = openTurns(settings, frame);
		const linksOf = (worker: MarketDataWorker) =>
			dialerOf(settings, frame, new MarketDataOnLink(worker));
		for (const partition of partitions) {
			turns.add(
				`market-data-${partition}`,
				() =>
					new PartitionServer({
						partition,
						log,
						archive,
						pubsub,
						cache,
						clock,
						scheduler,
						random,
						logger,
						linksOf,
					}),
			);
		}
		turns.start();
	},
});
