import type { Log, LogEntry, StopFollowing } from "../../../schemas/ports/log.ts";
import type { Cancel, Scheduler } from "../../../schemas/ports/scheduler.ts";

/** Whether a simulated process still runs; killed, it does nothing any more and hears nothing. */
export interface Life {
	alive: boolean;
}

/** The timers of one process: they die with it. */
export class ProcessScheduler implements Scheduler {
	private readonly world: Scheduler;
	private readonly life: Life;

	constructor(world: Scheduler, life: Life) {
		this.world = world;
		this.life = life;
	}

	after(delayMs: number, run: () => void): Cancel {
		return this.world.after(delayMs, () => this.whileAlive(run));
	}

	every(periodMs: number, run: () => void): Cancel {
		return this.world.every(periodMs, () => this.whileAlive(run));
	}

	soon(run: () => void): void {
		this.world.soon(() => this.whileAlive(run));
	}

	private whileAlive(run: () => void): void {
		if (this.life.alive) run();
	}
}

/** A log as one process sees it: what was sent arrives, but a dead process hears no answer. */
export class ProcessLog<R> implements Log<R> {
	private readonly log: Log<R>;
	private readonly life: Life;

	constructor(log: Log<R>, life: Life) {
		this.log = log;
		this.life = life;
	}

	get topic(): string {
		return this.log.topic;
	}

	get partitions(): number {
		return this.log.partitions;
	}

	get logId(): string {
		return this.log.logId;
	}

	append(partition: number, records: readonly R[]): Promise<number> {
		return this.heard(this.log.append(partition, records));
	}

	end(partition: number): Promise<number> {
		return this.heard(this.log.end(partition));
	}

	read(partition: number, from: number, limit: number): Promise<readonly LogEntry<R>[]> {
		return this.heard(this.log.read(partition, from, limit));
	}

	follow(
		partition: number,
		from: number,
		deliver: (entries: readonly LogEntry<R>[]) => void,
	): StopFollowing {
		return this.log.follow(partition, from, (entries) => {
			if (this.life.alive) deliver(entries);
		});
	}

	private heard<T>(answer: Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			answer.then(
				(value) => {
					if (this.life.alive) resolve(value);
				},
				(error: unknown) => {
					if (this.life.alive) reject(error);
				},
			);
		});
	}
}
