import { Redis, type RedisOptions } from "ioredis";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Cancel } from "../../schemas/ports/scheduler.ts";
import { systemScheduler } from "../machine/system-time.ts";

/** How a Redis is reached. */
export interface RedisSettings {
	readonly host: string;
	readonly port: number;
	readonly tls: boolean;
	/** Null: it asks for no name. */
	readonly credentials: { readonly username: string; readonly password: string } | null;
	/** Before each key and channel: several venues may share a server. */
	readonly prefix: string;
}

const CONNECT_TIMEOUT_MS = 2_000;
/** What a command may take, ms. */
const COMMAND_TIMEOUT_MS = 1_000;
const LONGEST_PAUSE_MS = 500;
/** How often it is asked for a sign of life: who only listens would not find out, nor who waits for an answer. */
const BEAT_EVERY_MS = 1_000;
/** What is written for a sign of life is of no use to anybody. */
const BEAT_KEPT_MS = 1_000;
/** With none for so long, the connection is given up: a machine that dies does not close it. */
const SILENCE_MS = 5_000;

/**
 * A connection that comes back by itself. While Redis is away its commands fail at once: nothing is
 * kept for later, and nothing is sent twice. One that does not only listen also leaves a server that takes
 * no writes any more, for whichever has taken its place: it writes now and then to find out.
 */
export function redisConnection(
	settings: RedisSettings,
	logger: Logger,
	options: Pick<RedisOptions, "enableAutoPipelining"> & {
		/** It is for subscriptions, which are made again by whoever made them, and can do nothing else. */
		readonly onlyListens?: boolean;
	} = {},
): Redis {
	const { host, port, tls, credentials, prefix } = settings;
	const { onlyListens = false, ...redisOptions } = options;
	const redis = new Redis({
		...{ host, port, lazyConnect: true },
		...(tls ? { tls: {} } : {}),
		...credentials,
		connectTimeout: CONNECT_TIMEOUT_MS,
		commandTimeout: COMMAND_TIMEOUT_MS,
		socketTimeout: SILENCE_MS,
		maxRetriesPerRequest: 0,
		enableOfflineQueue: false,
		autoResendUnfulfilledCommands: false,
		autoResubscribe: false,
		retryStrategy: (attempt) => Math.min(50 * attempt, LONGEST_PAUSE_MS),
		reconnectOnError: ({ message }) => message.includes("READONLY"),
		...redisOptions,
	});
	const beat = (): Promise<unknown> =>
		onlyListens ? redis.ping() : redis.set(`${prefix}beat`, "", "PX", BEAT_KEPT_MS);
	let isAway = false;
	let stopBeats: Cancel = () => {};
	redis.on("close", () => stopBeats());
	redis.on("ready", () => {
		stopBeats = systemScheduler.every(BEAT_EVERY_MS, () => void beat().catch(() => {}));
		if (isAway) logger.info("Redis is back");
		isAway = false;
	});
	redis.on("error", (error: Error) => {
		if (!isAway) logger.warn("Redis is away", { reason: error.message });
		isAway = true;
	});
	return redis;
}

/**
 * What Redis answers.
 *
 * @throws KeyValueUnavailable when it does not
 */
export async function answerOf<T>(asked: Promise<T>): Promise<T> {
	try {
		return await asked;
	} catch (error) {
		throw new KeyValueUnavailable(`Redis: ${(error as Error).message}`);
	}
}

/** Tries to connect once; while Redis is away it goes on by itself, and whoever asks is told. */
export async function connectOnce(redis: Redis): Promise<void> {
	await redis.connect().catch(() => {});
}
