import { invariant } from "../../schemas/invariant.ts";
import {
	type Log,
	type LogEntry,
	LogUnavailable,
	type StopFollowing,
} from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import type { Codec } from "../../schemas/record-codec.ts";
import { Followers } from "./followers.ts";
import { LogTrimmed } from "./log-trimmed.ts";

/**
 * What becomes of one append:
 * - "ok": written, acknowledged
 * - "lost ack": written, but the caller hears LogUnavailable
 * - "not written": LogUnavailable, and it is true
 * - "late": LogUnavailable now, written after another delay
 * - "twice": written twice, acknowledged once with the first offset
 */
export type AppendFate = "ok" | "lost ack" | "not written" | "late" | "twice";

export interface MemoryLogOptions<R> {
	readonly topic: string;
	readonly partitions: number;
	readonly logId: string;
	readonly scheduler: Scheduler;
	/** Given: records are kept as text, and every reader gets objects of its own. */
	readonly codec?: Codec<R>;
	/** Asked once per append, when it arrives; "ok" when absent. */
	readonly fate?: (partition: number, records: readonly R[]) => AppendFate;
	/** How long an append is on its way, ms; 0 or absent is the next turn. */
	readonly delayMs?: () => number;
}

interface Partition<R> {
	/** Records, or their texts when there is a codec. */
	readonly stored: (R | string)[];
	readonly followers: Followers<R>;
	/** Retention has removed what was before. */
	first: number;
}

/**
 * The log of a simulation: deterministic under its scheduler, and with faults on demand. It outlives
 * its clients' crashes: `dropFollowers` and `dropCallers` are what the crash of a process does to it.
 */
export class MemoryLog<R> implements Log<R> {
	readonly topic: string;
	readonly partitions: number;
	readonly logId: string;
	private readonly options: MemoryLogOptions<R>;
	private readonly parts: readonly Partition<R>[];
	/** Raised by `dropCallers`: appends of an earlier generation are never answered. */
	private generation = 0;

	constructor(options: MemoryLogOptions<R>) {
		this.options = options;
		this.topic = options.topic;
		this.partitions = options.partitions;
		this.logId = options.logId;
		this.parts = Array.from({ length: options.partitions }, () => {
			const stored: (R | string)[] = [];
			const read = (from: number, limit: number) => this.entries(stored, from, limit);
			const followers = new Followers<R>({ end: () => stored.length, read }, options.scheduler);
			return { stored, followers, first: 0 };
		});
	}

	append(partition: number, records: readonly R[]): Promise<number> {
		const part = this.part(partition);
		const generation = this.generation;
		// What is sent is what the caller had then, whatever it does to the objects afterwards.
		const sent = records.map((record) => this.options.codec?.encode(record) ?? record);
		return new Promise((resolve, reject) => {
			this.afterDelay(() => {
				const fate = this.options.fate?.(partition, records) ?? "ok";
				const offset = part.stored.length;
				if (fate === "late") this.afterDelay(() => this.write(part, sent));
				else if (fate !== "not written") this.write(part, sent);
				if (fate === "twice") this.write(part, sent);
				if (generation !== this.generation) return;
				if (fate === "ok" || fate === "twice") resolve(offset);
				else reject(new LogUnavailable(`no acknowledgement from ${this.topic}/${partition}`));
			});
		});
	}

	end(partition: number): Promise<number> {
		const part = this.part(partition);
		return this.answer(() => part.stored.length);
	}

	read(partition: number, from: number, limit: number): Promise<readonly LogEntry<R>[]> {
		const part = this.part(partition);
		if (from < part.first) return Promise.reject(this.trimmed(partition, from));
		return this.answer(() => this.entries(part.stored, from, limit));
	}

	follow(
		partition: number,
		from: number,
		deliver: (entries: readonly LogEntry<R>[]) => void,
	): StopFollowing {
		const part = this.part(partition);
		if (from < part.first) throw this.trimmed(partition, from);
		return part.followers.follow(from, deliver);
	}

	/** Retention: nobody can read or follow from before this offset any more. */
	trim(partition: number, before: number): void {
		const part = this.part(partition);
		part.first = Math.max(part.first, before);
	}

	/** Nobody follows any more, as when the followers' process died. */
	dropFollowers(): void {
		for (const { followers } of this.parts) followers.dropAll();
	}

	/** Calls made so far are never answered; appends on their way still arrive. */
	dropCallers(): void {
		this.generation += 1;
	}

	/** Damage: the stored records from an offset on are gone, and no reader is told. */
	lose(partition: number, fromOffset: number): void {
		this.part(partition).stored.length = fromOffset;
	}

	/** Damage: a stored record is another now, and no reader is told. */
	tamper(partition: number, offset: number, record: R): void {
		this.part(partition).stored[offset] = this.options.codec?.encode(record) ?? record;
	}

	/** Every record stored so far. */
	all(partition: number): readonly R[] {
		return this.entries(this.part(partition).stored, 0, Number.MAX_SAFE_INTEGER).map(
			({ record }) => record,
		);
	}

	private trimmed(partition: number, from: number): LogTrimmed {
		return new LogTrimmed(this.topic, partition, from, this.part(partition).first);
	}

	private write(part: Partition<R>, sent: readonly (R | string)[]): void {
		const from = part.stored.length;
		part.stored.push(...sent);
		const end = from + sent.length;
		part.followers.appended(from, sent.length, (offset) =>
			this.entries(part.stored, offset, end - offset),
		);
	}

	private entries(stored: readonly (R | string)[], from: number, limit: number): LogEntry<R>[] {
		const { codec } = this.options;
		return stored.slice(from, from + limit).map((kept, i) => {
			const record = codec === undefined ? (kept as R) : codec.decode(kept as string);
			return { offset: from + i, record };
		});
	}

	private answer<T>(value: () => T): Promise<T> {
		const generation = this.generation;
		return new Promise((resolve) => {
			this.options.scheduler.soon(() => {
				if (generation === this.generation) resolve(value());
			});
		});
	}

	private afterDelay(run: () => void): void {
		const delayMs = this.options.delayMs?.() ?? 0;
		if (delayMs > 0) this.options.scheduler.after(delayMs, run);
		else this.options.scheduler.soon(run);
	}

	private part(partition: number): Partition<R> {
		const part = this.parts[partition];
		invariant(part !== undefined, `the log has no partition ${this.topic}/${partition}`);
		return part;
	}
}
