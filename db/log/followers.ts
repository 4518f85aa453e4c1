import type { LogEntry, StopFollowing } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";

/** What a partition has stored, read synchronously. */
export interface StoredPartition<R> {
	/** The offset the next record will get. */
	end(): number;
	/** At most `limit` entries from `from` on. */
	read(from: number, limit: number): readonly LogEntry<R>[];
}

interface Follower<R> {
	/** The offset it has not seen yet. Below the partition's end while it catches up. */
	next: number;
	stopped: boolean;
	readonly deliver: (entries: readonly LogEntry<R>[]) => void;
}

/** Entries per step of catching up: a few milliseconds of decoding, then others have their turn. */
const CATCH_UP_ENTRIES = 1_000;

/**
 * The followers of one partition. Each first gets what is stored, a bounded chunk per turn, then what
 * is appended, in order of registration.
 */
export class Followers<R> {
	private readonly stored: StoredPartition<R>;
	private readonly scheduler: Scheduler;
	private list: readonly Follower<R>[] = [];

	constructor(stored: StoredPartition<R>, scheduler: Scheduler) {
		this.stored = stored;
		this.scheduler = scheduler;
	}

	follow(from: number, deliver: (entries: readonly LogEntry<R>[]) => void): StopFollowing {
		const follower: Follower<R> = { next: from, stopped: false, deliver };
		this.list = [...this.list, follower];
		if (from < this.stored.end()) this.scheduler.soon(() => this.catchUp(follower));
		return () => {
			follower.stopped = true;
			this.list = this.list.filter((other) => other !== follower);
		};
	}

	/**
	 * Passes on what was just appended, to those who have all before it.
	 *
	 * @param entriesFrom the appended entries from this offset on
	 */
	appended(
		firstOffset: number,
		count: number,
		entriesFrom: (offset: number) => readonly LogEntry<R>[],
	): void {
		const end = firstOffset + count;
		for (const follower of this.list) {
			// Whoever is behind reads these from the store; whoever began further on is not due yet.
			if (follower.stopped || follower.next < firstOffset || follower.next >= end) continue;
			const due = entriesFrom(follower.next);
			follower.next = end;
			follower.deliver(due);
		}
	}

	/** Forgets everyone, as when their process died. */
	dropAll(): void {
		for (const follower of this.list) follower.stopped = true;
		this.list = [];
	}

	private catchUp(follower: Follower<R>): void {
		if (follower.stopped || follower.next >= this.stored.end()) return;
		const entries = this.stored.read(follower.next, CATCH_UP_ENTRIES);
		follower.next += entries.length;
		follower.deliver(entries);
		if (follower.next < this.stored.end()) this.scheduler.soon(() => this.catchUp(follower));
	}
}
