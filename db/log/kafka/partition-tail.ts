import type { LogEntry, StopFollowing } from "../../../schemas/ports/log.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import type { FetchedRecord } from "./topic-reader.ts";

/** Where a tail's entries come from. */
export interface TailSource<R> {
	/** The offset the next record will get. */
	end(): Promise<number>;
	/** At most `limit` entries from `from` on; fewer only at the end. */
	read(from: number, limit: number): Promise<readonly LogEntry<R>[]>;
	/** What stands at `from`, or comes there before long: each offset once, without a hole. */
	next(from: number): Promise<readonly FetchedRecord[]>;
	decoded(records: readonly FetchedRecord[]): readonly LogEntry<R>[];
}

interface Follower<R> {
	/** The offset it has not seen yet. Below the tail's while it catches up. */
	next: number;
	stopped: boolean;
	readonly deliver: (entries: readonly LogEntry<R>[]) => void;
}

/** Entries per step: a few milliseconds of decoding, then others have their turn. */
const CHUNK = 1_000;
/** So many at once: the next are on their way, and wait so long for each other, ms. */
const MANY = 16;
const GATHER_MANY_MS = 2;

/**
 * The followers of one partition in this process. One reads its end and passes on what comes, in order
 * of registration; whoever began before it reads what is stored, a bounded chunk per turn, until he has
 * caught up.
 */
export class PartitionTail<R> {
	private readonly source: TailSource<R>;
	private readonly scheduler: Scheduler;
	private readonly fail: (error: unknown) => void;
	private readonly gatherMs: number;
	private list: readonly Follower<R>[] = [];
	/** The next offset of the tail; null until its beginning is known. */
	private next: number | null = null;
	private running = false;

	/**
	 * @param fail takes what cannot be gone on from: the process must stop
	 * @param gatherMs what comes within so long may come together: a question to the brokers for each record
	 *   costs all sides more than the record does
	 */
	constructor(
		source: TailSource<R>,
		scheduler: Scheduler,
		fail: (error: unknown) => void,
		gatherMs: number,
	) {
		this.source = source;
		this.scheduler = scheduler;
		this.fail = fail;
		this.gatherMs = gatherMs;
	}

	follow(from: number, deliver: (entries: readonly LogEntry<R>[]) => void): StopFollowing {
		const follower: Follower<R> = { next: from, stopped: false, deliver };
		this.list = [...this.list, follower];
		if (this.next !== null) void this.catchUp(follower);
		if (!this.running) void this.run();
		return () => {
			follower.stopped = true;
			this.list = this.list.filter((other) => other !== follower);
		};
	}

	/** The first offset that some follower has not seen yet; null while nobody follows. */
	position(): number | null {
		return this.list.length === 0 ? null : Math.min(...this.list.map(({ next }) => next));
	}

	/** Nobody hears any more. */
	dropAll(): void {
		for (const follower of this.list) follower.stopped = true;
		this.list = [];
	}

	private async run(): Promise<void> {
		this.running = true;
		try {
			this.next = await this.source.end();
			for (const follower of this.list) void this.catchUp(follower);
			while (this.list.length > 0) {
				const records = await this.source.next(this.next);
				await this.passOn(records);
				await this.gather(records.length);
			}
		} catch (error) {
			this.dropAll();
			this.fail(error);
		}
		this.running = false;
		this.next = null;
	}

	private async passOn(records: readonly FetchedRecord[]): Promise<void> {
		for (let at = 0; at < records.length; at += CHUNK) {
			if (at > 0) await this.turn();
			const chunk = this.source.decoded(records.slice(at, at + CHUNK));
			const first = (chunk[0] as LogEntry<R>).offset;
			const end = first + chunk.length;
			// Before anyone is served: who begins to follow meanwhile has these to catch up with.
			this.next = end;
			for (const follower of this.list) {
				if (follower.next < first || follower.next >= end) continue;
				this.deliver(follower, chunk.slice(follower.next - first));
			}
		}
	}

	private async catchUp(follower: Follower<R>): Promise<void> {
		try {
			while (!follower.stopped && this.next !== null && follower.next < this.next) {
				const entries = await this.source.read(follower.next, CHUNK);
				if (entries.length > 0) this.deliver(follower, entries);
				await this.turn();
			}
		} catch (error) {
			this.dropAll();
			this.fail(error);
		}
	}

	private deliver(follower: Follower<R>, entries: readonly LogEntry<R>[]): void {
		if (follower.stopped) return;
		follower.next += entries.length;
		follower.deliver(entries);
	}

	private async gather(came: number): Promise<void> {
		const forMs = Math.max(this.gatherMs, came >= MANY ? GATHER_MANY_MS : 0);
		if (forMs === 0) return;
		await new Promise<void>((resolve) => void this.scheduler.after(forMs, resolve));
	}

	private turn(): Promise<void> {
		return new Promise((resolve) => this.scheduler.soon(resolve));
	}
}
