import type { Redis } from "ioredis";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { CachedView, MarketCache } from "../../schemas/ports/market-cache.ts";
import { answerOf, connectOnce, type RedisSettings, redisConnection } from "./redis-connection.ts";

/** Of a worker that has stopped nothing is read any more. */
const POSITION_KEPT_MS = 5_000;

/**
 * Market data in Redis. A partition's keys are of one hash slot, so that they are written and read in
 * one step in a cluster of Redis, too.
 */
export class RedisMarketCache implements MarketCache {
	private readonly redis: Redis;
	private readonly prefix: string;
	/** The position of each partition that was stored last from here. */
	private readonly last = new Map<number, string>();

	private constructor(redis: Redis, prefix: string) {
		this.redis = redis;
		this.prefix = prefix;
	}

	/** Redis need not answer yet. */
	static async open(settings: RedisSettings, logger: Logger): Promise<RedisMarketCache> {
		const redis = redisConnection(settings, logger, { enableAutoPipelining: true });
		await connectOnce(redis);
		return new RedisMarketCache(redis, settings.prefix);
	}

	async store(
		partition: number,
		run: string,
		evSeq: number,
		views: readonly CachedView[],
	): Promise<boolean> {
		const position = `${run} ${evSeq}`;
		const transaction = this.redis.multi();
		for (const [name, text] of views) {
			if (text === null) transaction.del(this.keyOf(partition, name));
			else transaction.set(this.keyOf(partition, name), `${run} ${text}`);
		}
		transaction.set(this.keyOf(partition, "position"), position, "PX", POSITION_KEPT_MS, "GET");
		const replies = await answerOf(transaction.exec());
		const [error, before] = replies?.at(-1) ?? [new Error("nothing was done"), null];
		if (error !== null) throw new KeyValueUnavailable(`Redis: ${error.message}`);
		const held = before !== null && before === this.last.get(partition);
		this.last.set(partition, position);
		return held;
	}

	async load(partition: number, name: string): Promise<{ evSeq: number; text: string } | null> {
		const keys = [this.keyOf(partition, "position"), this.keyOf(partition, name)];
		const [position, view] = await answerOf(this.redis.mget(keys));
		if (position == null || view == null) return null;
		const [positionRun, evSeq] = parted(position);
		const [run, text] = parted(view);
		return run === positionRun ? { evSeq: Number(evSeq), text } : null;
	}

	close(): void {
		this.redis.disconnect();
	}

	private keyOf(partition: number, name: string): string {
		return `${this.prefix}market:{${partition}}:${name}`;
	}
}

/** The run in front of the first space, and the rest. */
function parted(text: string): [run: string, rest: string] {
	const at = text.indexOf(" ");
	return [text.slice(0, at), text.slice(at + 1)];
}
