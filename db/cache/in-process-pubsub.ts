import type { Channel, PubSub } from "../../schemas/ports/pubsub.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";

interface Subscriber {
	/** How it reads: another's channel of this name may read otherwise. */
	readonly channel: Channel<unknown>;
	readonly handle: (message: unknown) => void;
	/** False once it unsubscribed, also for messages already on their way. */
	active: boolean;
}

export interface InProcessPubSubOptions {
	readonly scheduler: Scheduler;
	/** Every subscriber gets a decoded copy, as over a network; in tests and simulations. */
	readonly throughCodec?: boolean;
}

/**
 * Pub/sub inside one process. Messages are delivered in the next turn, all of them in the order in
 * which they were published, so a publisher is never called back while it publishes.
 */
export class InProcessPubSub implements PubSub {
	private readonly scheduler: Scheduler;
	private readonly throughCodec: boolean;
	private readonly subscribers = new Map<string, readonly Subscriber[]>();
	private queue: (() => void)[] = [];

	constructor(options: InProcessPubSubOptions) {
		this.scheduler = options.scheduler;
		this.throughCodec = options.throughCodec ?? false;
	}

	publish<M>(channel: Channel<M>, message: M): void {
		const subscribers = this.subscribers.get(channel.name);
		if (subscribers === undefined) return;
		const text = this.throughCodec ? channel.codec.encode(message) : null;
		for (const subscriber of subscribers) {
			this.enqueue(() => {
				if (!subscriber.active) return;
				subscriber.handle(text === null ? message : subscriber.channel.codec.decode(text));
			});
		}
	}

	subscribe<M>(channel: Channel<M>, handle: (message: M) => void): () => void {
		const subscriber = { channel, handle, active: true } as Subscriber;
		this.subscribers.set(channel.name, [...(this.subscribers.get(channel.name) ?? []), subscriber]);
		return () => {
			subscriber.active = false;
			const rest = (this.subscribers.get(channel.name) ?? []).filter((s) => s !== subscriber);
			if (rest.length > 0) this.subscribers.set(channel.name, rest);
			else this.subscribers.delete(channel.name);
		};
	}

	onLoss(): () => void {
		return () => {};
	}

	private enqueue(deliver: () => void): void {
		this.queue.push(deliver);
		if (this.queue.length === 1) this.scheduler.soon(() => this.deliver());
	}

	private deliver(): void {
		const due = this.queue;
		this.queue = [];
		for (const deliver of due) deliver();
	}
}
