import type { Archive } from "../../../schemas/ports/archive.ts";
import type { Ledger } from "../../../schemas/ports/ledger.ts";
import type { Log } from "../../../schemas/ports/log.ts";
import type { Cancel, Scheduler } from "../../../schemas/ports/scheduler.ts";

/**
 * The life of a simulated process: what it started before its death still happens in the world (an
 * append on its way arrives, a commit is done), but nothing of it ever comes back to the dead.
 */
export class ProcessLife {
	private alive = true;
	private readonly world: Scheduler;
	private readonly follows: Cancel[] = [];

	constructor(world: Scheduler) {
		this.world = world;
	}

	/** kill -9. */
	kill(): void {
		this.alive = false;
		for (const cancel of this.follows) cancel();
	}

	/** The process's timers. */
	readonly scheduler: Scheduler = {
		after: (delayMs, run) => this.world.after(delayMs, () => this.alive && run()),
		every: (periodMs, run) => {
			const cancel = this.world.every(periodMs, () => (this.alive ? run() : cancel()));
			return cancel;
		},
		soon: (run) => this.world.soon(() => this.alive && run()),
	};

	log<R>(log: Log<R>): Log<R> {
		return {
			topic: log.topic,
			partitions: log.partitions,
			logId: log.logId,
			append: (partition, records) => this.answer(log.append(partition, records)),
			end: (partition) => this.answer(log.end(partition)),
			read: (partition, from, limit) => this.answer(log.read(partition, from, limit)),
			follow: (partition, from, deliver) => {
				const cancel = log.follow(partition, from, (entries) => {
					if (this.alive) deliver(entries);
				});
				this.follows.push(cancel);
				return cancel;
			},
		};
	}

	ledger(ledger: Ledger): Ledger {
		return {
			raiseEpoch: (shard, atLeast) => this.answer(ledger.raiseEpoch(shard, atLeast)),
			load: (shard) => this.answer(ledger.load(shard)),
			commit: (shard, batch) => this.answer(ledger.commit(shard, batch)),
			close: () => this.answer(ledger.close()),
		};
	}

	archive(archive: Archive): Archive {
		return {
			put: (name, bytes) => this.answer(archive.put(name, bytes)),
			get: (name) => this.answer(archive.get(name)),
			list: (prefix) => this.answer(archive.list(prefix)),
			delete: (name) => this.answer(archive.delete(name)),
		};
	}

	/** An answer from outside; to the dead it never comes. */
	answer<T>(promise: Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			promise.then(
				(value) => this.alive && resolve(value),
				(error) => this.alive && reject(error),
			);
		});
	}
}
