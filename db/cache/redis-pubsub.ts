import type { Redis } from "ioredis";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Channel, PubSub } from "../../schemas/ports/pubsub.ts";
import type { Cancel } from "../../schemas/ports/scheduler.ts";
import { systemScheduler } from "../machine/system-time.ts";
import { connectOnce, type RedisSettings, redisConnection } from "./redis-connection.ts";

interface Subscriber {
	/** How it reads: another's channel of this name may read otherwise. */
	readonly channel: Channel<unknown>;
	readonly handle: (message: unknown) => void;
	/** False once it unsubscribed. */
	active: boolean;
}

/** Messages on their way to Redis; beyond it they are dropped: Redis hangs, and readers see the gap. */
const MAX_ON_THEIR_WAY = 100_000;

/** Pause before another connection asks for what Redis refused, ms. */
const REFUSED_PAUSE_MS = 500;

/** Who could not publish says so here. */
const losses: Channel<null> = { name: "losses", codec: { encode: () => "", decode: () => null } };

/**
 * Pub/sub through Redis: one connection to publish, one to listen, which subscribes again after it
 * broke. What is published while Redis is away is lost.
 */
export class RedisPubSub implements PubSub {
	private readonly publisher: Redis;
	private readonly listener: Redis;
	private readonly logger: Logger;
	private readonly prefix: string;
	/** By the channels' names on the server. */
	private readonly subscriptions = new Map<string, readonly Subscriber[]>();
	/** The last command to subscribe or unsubscribe; each waits for the one before. */
	private lastChange: Promise<unknown> = Promise.resolve();
	private lastPublished: Promise<unknown> = Promise.resolve();
	private onTheirWay = 0;
	/** Something that was published since it last said so did not arrive, or may not have. */
	private hasLost = false;
	/** Redis refused a subscription since it last took all of them. */
	private isDeaf = false;
	/** Another connection is about to be made. */
	private again: Cancel | null = null;

	private constructor(publisher: Redis, listener: Redis, prefix: string, logger: Logger) {
		this.prefix = prefix;
		this.publisher = publisher;
		this.listener = listener;
		this.logger = logger;
		publisher.on("ready", () => this.tellLosses());
		listener.on("ready", () => this.subscribeAgain());
		listener.on("message", (name: string, text: string) => this.deliver(name, text));
	}

	/** Redis may be away: what is published is lost then, and it subscribes when it is back. */
	static async open(settings: RedisSettings, logger: Logger): Promise<RedisPubSub> {
		// What is published within a turn goes out in one piece.
		const publisher = redisConnection(settings, logger, { enableAutoPipelining: true });
		const listener = redisConnection(settings, logger, { onlyListens: true });
		const pubsub = new RedisPubSub(publisher, listener, settings.prefix, logger);
		await Promise.all([connectOnce(publisher), connectOnce(listener)]);
		return pubsub;
	}

	publish<M>(channel: Channel<M>, message: M): void {
		if (this.onTheirWay >= MAX_ON_THEIR_WAY) {
			this.hasLost = true;
			return;
		}
		this.onTheirWay += 1;
		const sent = () => {
			this.onTheirWay -= 1;
			this.tellLosses();
		};
		// Lost is lost: the message's id shows it to whoever listens.
		const lost = () => {
			this.onTheirWay -= 1;
			this.hasLost = true;
		};
		this.lastPublished = this.publisher
			.publish(this.prefix + channel.name, channel.codec.encode(message))
			.then(sent, lost);
	}

	subscribe<M>(channel: Channel<M>, handle: (message: M) => void): () => void {
		const subscriber = { channel, handle, active: true } as Subscriber;
		const name = this.prefix + channel.name;
		const there = this.subscriptions.get(name);
		if (there === undefined) {
			// What this process published before, on the other connection, is not for this subscriber.
			const published = this.lastPublished;
			this.change(() => published.then(() => this.listen([name])));
		}
		this.subscriptions.set(name, [...(there ?? []), subscriber]);
		return () => this.unsubscribe(name, subscriber);
	}

	onLoss(handle: () => void): () => void {
		return this.subscribe(losses, handle);
	}

	/** Resolves when Redis has all subscriptions made so far. */
	async subscribed(): Promise<void> {
		await this.lastChange;
	}

	close(): void {
		this.again?.();
		this.publisher.disconnect();
		this.listener.disconnect();
		this.subscriptions.clear();
	}

	private unsubscribe(name: string, subscriber: Subscriber): void {
		subscriber.active = false;
		const there = this.subscriptions.get(name);
		if (there === undefined) return;
		const rest = there.filter((other) => other !== subscriber);
		if (rest.length > 0) {
			this.subscriptions.set(name, rest);
		} else if (this.subscriptions.delete(name)) {
			this.change(() => this.listener.unsubscribe(name));
		}
	}

	private change(command: () => Promise<unknown>): void {
		// One that failed is made good when the connection comes back.
		this.lastChange = this.lastChange.then(command).catch(() => {});
	}

	/** Where Redis refuses, or says nothing in time, but the connection holds, another one asks for all of them again. */
	private async listen(names: readonly string[]): Promise<void> {
		try {
			await this.listener.subscribe(...names);
		} catch (error) {
			if (this.listener.status === "ready") this.refused(error as Error);
			throw error;
		}
	}

	private refused({ message }: Error): void {
		if (!this.isDeaf) this.logger.warn("Redis did not subscribe", { reason: message });
		this.isDeaf = true;
		this.again ??= systemScheduler.after(REFUSED_PAUSE_MS, () => {
			this.again = null;
			if (this.listener.status === "ready") this.listener.disconnect(true);
		});
	}

	private subscribeAgain(): void {
		const names = [...this.subscriptions.keys()];
		if (names.length === 0) return;
		this.change(async () => {
			await this.listen(names);
			this.isDeaf = false;
			this.deliver(this.prefix + losses.name, "");
		});
	}

	private tellLosses(): void {
		if (!this.hasLost) return;
		this.hasLost = false;
		this.publish(losses, null);
	}

	private deliver(name: string, text: string): void {
		const subscribers = this.subscriptions.get(name) ?? [];
		const read = new Map<Channel<unknown>, unknown>();
		try {
			for (const { channel } of subscribers) {
				if (!read.has(channel)) read.set(channel, channel.codec.decode(text));
			}
		} catch {
			this.logger.warn("a message is not of its channel's kind and is dropped", { channel: name });
			return;
		}
		for (const subscriber of subscribers) {
			if (subscriber.active) this.hand(subscriber, read.get(subscriber.channel));
		}
	}

	/** What a handler throws stops the process, and not the connection that brought the message. */
	private hand(subscriber: Subscriber, message: unknown): void {
		try {
			subscriber.handle(message);
		} catch (error) {
			queueMicrotask(() => {
				throw error;
			});
		}
	}
}
