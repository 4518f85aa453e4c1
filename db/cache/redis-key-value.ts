import type { Redis } from "ioredis";
import { invariant } from "../../schemas/invariant.ts";
import type { KeyValue } from "../../schemas/ports/key-value.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { answerOf, connectOnce, type RedisSettings, redisConnection } from "./redis-connection.ts";

/** In one step: a counter whose process dies between the two would never expire. */
const INCREMENT = `
local value = redis.call("INCRBY", KEYS[1], ARGV[1])
if redis.call("PTTL", KEYS[1]) < 0 then redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
return value`;

/** Where there is no value, GET gives false; where none is expected, the last argument is missing. */
const REPLACE = `
if redis.call("GET", KEYS[1]) ~= (ARGV[3] or false) then return 0 end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1`;

/** Values that expire, in Redis. */
export class RedisKeyValue implements KeyValue {
	private readonly redis: Redis;
	private readonly prefix: string;

	private constructor(redis: Redis, prefix: string) {
		this.redis = redis;
		this.prefix = prefix;
	}

	/** Redis may be away: then its values are, until it is back. */
	static async open(settings: RedisSettings, logger: Logger): Promise<RedisKeyValue> {
		const redis = redisConnection(settings, logger);
		await connectOnce(redis);
		return new RedisKeyValue(redis, settings.prefix);
	}

	get(key: string): Promise<string | null> {
		return answerOf(this.redis.get(this.prefix + key));
	}

	async set(key: string, value: string, ttlMs: number): Promise<void> {
		invariant(ttlMs > 0, "a time to live is positive");
		await answerOf(this.redis.set(this.prefix + key, value, "PX", ttlMs));
	}

	async replace(
		key: string,
		before: string | null,
		value: string,
		ttlMs: number,
	): Promise<boolean> {
		invariant(ttlMs > 0, "a time to live is positive");
		const args = before === null ? [value, ttlMs] : [value, ttlMs, before];
		return (await answerOf(this.redis.eval(REPLACE, 1, this.prefix + key, ...args))) === 1;
	}

	async renew(key: string, ttlMs: number): Promise<boolean> {
		invariant(ttlMs > 0, "a time to live is positive");
		return (await answerOf(this.redis.pexpire(this.prefix + key, ttlMs))) === 1;
	}

	async delete(key: string): Promise<void> {
		await answerOf(this.redis.del(this.prefix + key));
	}

	async increment(key: string, by: number, ttlMs: number): Promise<number> {
		invariant(ttlMs > 0, "a time to live is positive");
		return Number(await answerOf(this.redis.eval(INCREMENT, 1, this.prefix + key, by, ttlMs)));
	}

	close(): void {
		this.redis.disconnect();
	}
}
