import type { Channel, PubSub } from "../../../schemas/ports/pubsub.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import type { ProcessLife } from "./process-life.ts";

interface Subscriber {
	readonly life: ProcessLife;
	readonly channel: string;
	readonly handle: (message: unknown) => void;
}

/**
 * The pub/sub that processes share, in the order published. Losing and repeating is decided for each
 * subscriber apart.
 */
export class Bus {
	private readonly scheduler: Scheduler;
	private readonly fate: () => "ok" | "lost" | "twice";
	/** Hears what is published, lost or not. */
	private readonly heard: (channel: string, message: unknown) => void;
	private subscribers: readonly Subscriber[] = [];
	private queue: (() => void)[] = [];

	constructor(
		scheduler: Scheduler,
		fate: () => "ok" | "lost" | "twice",
		heard: (channel: string, message: unknown) => void,
	) {
		this.scheduler = scheduler;
		this.fate = fate;
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
			// What it loses it loses unnoticed.
			onLoss: () => () => {},
		};
	}

	private publish<M>(channel: Channel<M>, message: M): void {
		this.queue.push(() => {
			for (const subscriber of this.subscribers) {
				if (subscriber.channel !== channel.name || !subscriber.life.alive) continue;
				const fate = this.fate();
				if (fate === "lost") continue;
				const deliver = (): void => subscriber.handle(message);
				subscriber.life.arrive("bus", deliver);
				if (fate === "twice") subscriber.life.arrive("bus", deliver);
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
