import { invariant } from "../../../schemas/invariant.ts";
import {
	type Log,
	type LogEntry,
	LogUnavailable,
	type StopFollowing,
} from "../../../schemas/ports/log.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import { type MetricSample, metricText } from "../../../schemas/prometheus-text.ts";
import type { Codec } from "../../../schemas/record-codec.ts";
import { LogTrimmed } from "../log-trimmed.ts";
import { storedRecord } from "../stored-record.ts";
import type { KafkaSettings } from "./kafka-settings.ts";
import { PartitionTail } from "./partition-tail.ts";
import { type FetchedRecord, TopicReader } from "./topic-reader.ts";
import { TopicWriter } from "./topic-writer.ts";

/** Records that were read are no longer there: the brokers lost them. */
class LogLost extends Error {
	override readonly name = "LogLost";
}

export interface KafkaLogOptions<R> {
	readonly settings: KafkaSettings;
	readonly topic: string;
	/** What the venue was begun with; the topic must have as many. */
	readonly partitions: number;
	readonly codec: Codec<R>;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	/**
	 * Told when followers cannot be served any more (LogTrimmed, LogLost, TopicReplaced), or one threw:
	 * the process must stop.
	 */
	readonly fatal: (error: unknown) => void;
	/** Whoever follows may wait so long for what comes together, ms; 0 or absent: not at all. */
	readonly gatherMs?: number;
}

/** How long a broker waits for something to come, ms. */
const LONG_POLL_MS = 500;
/** Pause before brokers that are away are asked again, ms. */
const RETRY_MS = 100;

/**
 * One topic of the log on Kafka. Offsets are Kafka's, and have no holes: nothing here writes in
 * transactions, and the topic is not compacted. A hole is an invariant violation. The log's identity is
 * the topic's own, given by the brokers when it was made.
 */
export class KafkaLog<R> implements Log<R> {
	readonly topic: string;
	readonly partitions: number;
	readonly logId: string;
	private readonly options: KafkaLogOptions<R>;
	private readonly writer: TopicWriter;
	private readonly reader: TopicReader;
	/** One per partition that is followed; it waits for records on a connection of its own. */
	private readonly tails = new Map<number, { tail: PartitionTail<R>; reader: TopicReader }>();
	private closed = false;

	private constructor(options: KafkaLogOptions<R>, logId: string) {
		this.options = options;
		this.topic = options.topic;
		this.partitions = options.partitions;
		this.logId = logId;
		this.writer = new TopicWriter(options);
		this.reader = new TopicReader(options.settings, options.topic, logId);
	}

	/**
	 * @throws LogUnavailable when no broker answers
	 * @throws Error when there is no such topic, or it has another number of partitions
	 */
	static async open<R>(options: KafkaLogOptions<R>): Promise<KafkaLog<R>> {
		const { settings, topic, partitions } = options;
		const reader = new TopicReader(settings, topic, null);
		const identity = await reader.identity().finally(() => reader.close());
		if (identity === null) throw new Error(`Kafka has no topic ${topic}: create the stores first`);
		if (identity.partitions !== partitions) {
			throw new Error(`${topic} has ${identity.partitions} partitions, not ${partitions}`);
		}
		return new KafkaLog(options, identity.id);
	}

	append(partition: number, records: readonly R[]): Promise<number> {
		if (records.length === 0) return this.end(partition);
		this.checkPartition(partition);
		const texts = records.map((record) => this.options.codec.encode(record));
		return this.writer.append(partition, texts);
	}

	async end(partition: number): Promise<number> {
		this.checkPartition(partition);
		return this.reader.end(partition);
	}

	async read(partition: number, from: number, limit: number): Promise<readonly LogEntry<R>[]> {
		this.checkPartition(partition);
		const to = Math.min(from + limit, await this.reader.end(partition));
		const entries: LogEntry<R>[] = [];
		for (let next = from; next < to; next = from + entries.length) {
			const records = await this.reader.fetch(partition, next, LONG_POLL_MS);
			if (records === null) throw await this.notThere(this.reader, partition, next);
			this.checkWhole(partition, next, records);
			entries.push(...this.decoded(partition, records.slice(0, to - next)));
		}
		return entries;
	}

	follow(
		partition: number,
		from: number,
		deliver: (entries: readonly LogEntry<R>[]) => void,
	): StopFollowing {
		this.checkPartition(partition);
		return this.tailOf(partition).follow(from, deliver);
	}

	/** Prometheus lines: how far followers are behind, and how large batches are. */
	metrics(): string {
		const { batches, records, waiting } = this.writer.counts();
		const topic = `topic="${this.topic}"`;
		const lags = [...this.tails].map(([partition, { tail, reader }]): MetricSample => {
			const position = tail.position();
			const lag = position === null ? 0 : Math.max(0, reader.endSeen(partition) - position);
			return [`${topic},partition="${partition}"`, lag];
		});
		const ofTopic = (name: string, help: string, value: number) =>
			metricText(`castle_log_append_${name}`, help, [[topic, value]]);
		return [
			metricText("castle_log_lag_records", "Records in the topic that are not read yet.", lags),
			ofTopic("batches_total", "Batches that were written.", batches),
			ofTopic("records_total", "Records in them.", records),
			ofTopic("waiting", "Appends that wait for a batch.", waiting),
		].join("");
	}

	/** Followers hear no more; what was appended before is sent first. */
	async close(): Promise<void> {
		this.closed = true;
		const tails = [...this.tails.values()];
		for (const { tail } of tails) tail.dropAll();
		const readers = [this.reader, ...tails.map(({ reader }) => reader)];
		await Promise.all([this.writer.close(), ...readers.map((reader) => reader.close())]);
	}

	private tailOf(partition: number): PartitionTail<R> {
		const there = this.tails.get(partition);
		if (there !== undefined) return there.tail;
		const { settings, topic, scheduler, fatal, gatherMs = 0 } = this.options;
		const reader = new TopicReader(settings, topic, this.logId);
		const source = {
			end: () => this.untilAnswered(() => reader.end(partition)),
			read: (from: number, limit: number) =>
				this.untilAnswered(() => this.read(partition, from, limit)),
			next: (from: number) => this.untilAnswered(() => this.next(reader, partition, from)),
			decoded: (records: readonly FetchedRecord[]) => this.decoded(partition, records),
		};
		const failed = (error: unknown): void => {
			if (!this.closed) fatal(error);
		};
		const tail = new PartitionTail<R>(source, scheduler, failed, gatherMs);
		this.tails.set(partition, { tail, reader });
		return tail;
	}

	private async next(
		reader: TopicReader,
		partition: number,
		from: number,
	): Promise<readonly FetchedRecord[]> {
		const records = await reader.fetch(partition, from, LONG_POLL_MS);
		if (records === null) throw await this.notThere(reader, partition, from);
		this.checkWhole(partition, from, records);
		return records;
	}

	/** Why there is nothing at an offset that was there. */
	private async notThere(reader: TopicReader, partition: number, offset: number): Promise<Error> {
		const first = await reader.first(partition);
		if (offset < first) return new LogTrimmed(this.topic, partition, offset, first);
		const end = await reader.end(partition);
		if (offset <= end) return new LogUnavailable(`${this.topic}/${partition} had no ${offset}`);
		return new LogLost(`${this.topic}/${partition} ends at ${end}, and had ${offset} records`);
	}

	/** For followers: brokers that are away are waited for. */
	private async untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
		const { scheduler, logger } = this.options;
		for (let attempt = 0; ; attempt += 1) {
			try {
				const answer = await ask();
				if (attempt > 0) logger.info("the log is back", { topic: this.topic });
				return answer;
			} catch (error) {
				if (!(error instanceof LogUnavailable) || this.closed) throw error;
				if (attempt === 0) {
					logger.warn("the log is away", { topic: this.topic, reason: error.message });
				}
				await new Promise<void>((resolve) => scheduler.after(RETRY_MS, resolve));
			}
		}
	}

	private decoded(partition: number, records: readonly FetchedRecord[]): LogEntry<R>[] {
		const { codec, topic } = this.options;
		return records.map(({ offset, text }) => ({
			offset,
			record: storedRecord(codec, text ?? "", { topic, partition, offset }),
		}));
	}

	private checkWhole(partition: number, from: number, records: readonly FetchedRecord[]): void {
		for (const [i, { offset, text }] of records.entries()) {
			const isNext = offset === from + i && text !== null;
			invariant(isNext, `${this.topic}/${partition} has no record of ours at ${from + i}`);
		}
	}

	private checkPartition(partition: number): void {
		const known = Number.isSafeInteger(partition) && partition >= 0 && partition < this.partitions;
		invariant(known, `the log has no partition ${this.topic}/${partition}`);
	}
}
