import { Fifo } from "./fifo.ts";
import type { Tracked } from "./tracked.ts";

/**
 * Finished orders in the order they ended, by partition, kept until the order log has passed them and
 * they are old enough. Per partition a floor: while the order log stands below it, what is not kept
 * here is "unknown", never "not found".
 */
export class FinishedOrders {
	private readonly queues: readonly Fifo<Tracked>[];
	private readonly floors: number[];
	private readonly orderLog: number[];

	constructor(partitions: number) {
		this.queues = Array.from({ length: partitions }, () => new Fifo());
		this.floors = Array.from({ length: partitions }, () => 0);
		this.orderLog = Array.from({ length: partitions }, () => 0);
	}

	push(tracked: Tracked, atMs: number): void {
		tracked.finishedAtMs = atMs;
		this.queues[tracked.state.partition]?.push(tracked);
	}

	/** Orders up to there may be missing here. */
	raiseFloor(partition: number, evSeq: number): void {
		this.floors[partition] = Math.max(this.floor(partition), evSeq);
	}

	floor(partition: number): number {
		return this.floors[partition] ?? 0;
	}

	/** The order log has written everything up to there. */
	orderLogAt(partition: number, evSeq: number): void {
		this.orderLog[partition] = Math.max(this.orderLog[partition] ?? 0, evSeq);
	}

	/** How many are kept. */
	count(): number {
		return this.queues.reduce((sum, queue) => sum + queue.length, 0);
	}

	/** Takes out what may go, raising the floors. */
	*takeForgettable(finishedBeforeMs: number): IterableIterator<Tracked> {
		for (const [partition, queue] of this.queues.entries()) {
			const written = this.orderLog[partition] ?? 0;
			for (let head = queue.first(); head !== undefined; head = queue.first()) {
				const { evSeq } = head.state;
				if (head.finishedAtMs > finishedBeforeMs || evSeq > written) break;
				queue.shift();
				this.raiseFloor(partition, evSeq);
				yield head;
			}
		}
	}
}
