import type { Channel, PubSub } from "../../../schemas/ports/pubsub.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import type { ProcessLife } from "./process-life.ts";

interface Subscriber {
	readonly life: ProcessLife;
	readonly channel: string;
	readonly handle: (message: unknown) => void;
}

/**
 * The pub/sub that processes share: at most once, in the order published. Losing is decided for each
 * subscriber apart.
 */
export class Bus {
	private readonly scheduler: Scheduler;
	private readonly loses: () => boolean;
	/** Hears what is published, lost or not. */
	private readonly heard: (channel: string, message: unknown) => void;
	private subscribers: readonly Subscriber[] = [];
	private queue: (() => void)[] = [];

	constructor(
		scheduler: Scheduler,
		loses: () => boolean,
		heard: (channel: string, message: unknown) => void,
	) {
		this.scheduler = scheduler;
		this.loses = loses;
		this.heard = heard;
	}

	/** The bus as a process reaches it. */
	of(life: ProcessLife): PubSub {
		return {
			publish: (channel, message) => {
				if (!life.alive) return;
				this.heard(channel.name, message);
				if (!life.isCut("bus")) this.publish(channel, message);
			},
			subscribe: <M>(channel: Channel<M>, handle: (message: M) => void) => {
				const own: Subscriber = {
					...{ life, channel: channel.name },
					handle: handle as (message: unknown) => void,
				};
				this.subscribers = [...this.subscribers, own];
				return () => {
					this.subscribers = this.subscribers.filter((other) => other !== own);
				};
			},
		};
	}

	private publish<M>(channel: Channel<M>, message: M): void {
		this.queue.push(() => {
			for (const subscriber of this.subscribers) {
				if (subscriber.channel !== channel.name || !subscriber.life.alive) continue;
				if (this.loses()) continue;
				subscriber.life.arrive("bus", () => subscriber.handle(message));
			}
		});
		if (this.queue.length === 1) this.scheduler.soon(() => this.deliver());
	}

	/** The dead do not listen any more. */
	forget(life: ProcessLife): void {
		this.subscribers = this.subscribers.filter((subscriber) => subscriber.life !== life);
	}

	private deliver(): void {
		const due = this.queue;
		this.queue = [];
		for (const run of due) run();
	}
}
