import { Kafka, type Message, type Producer } from "kafkajs";
import { invariant } from "../../../schemas/invariant.ts";
import { LogUnavailable } from "../../../schemas/ports/log.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import { failureWords, type KafkaSettings, kafkaConfig } from "./kafka-settings.ts";

/** Of all replicas in sync. */
const ACKNOWLEDGED_BY_ALL = -1;
/** How long a leader waits for its followers, ms. */
const ACK_TIMEOUT_MS = 5_000;
/** An append fails after this long, whatever its connection does, ms. */
const APPEND_TIMEOUT_MS = 10_000;
/** A close waits so long for what is on its way, ms: less than a process takes to drain. */
const CLOSE_WITHIN_MS = 3_000;
/** What is gathered into one request, characters and records; a single larger append goes alone. */
const GATHERED = 1 << 20;
/** kafkajs takes time by the square of their number: 30 ms for 5,000, 1.4 s for 30,000. */
const GATHERED_RECORDS = 2_000;

/** One append on its way. */
interface Pending {
	readonly partition: number;
	readonly texts: readonly string[];
	readonly size: number;
	readonly resolve: (firstOffset: number) => void;
	readonly reject: (error: unknown) => void;
}

/**
 * Writes one topic of Kafka: one request in flight, acknowledged by all replicas; appends that come
 * meanwhile are gathered into the next, those of one partition as one batch, in order.
 *
 * kafkajs' idempotent producer is not used: it can acknowledge what it never wrote (docs/adr/0007). A
 * failed append may have been written, or be written later; the log's own sequence numbers tell.
 */
export class TopicWriter {
	private readonly settings: KafkaSettings;
	private readonly topic: string;
	private readonly scheduler: Scheduler;
	private readonly logger: Logger;
	/** The last request failed. Brokers may refuse to write what they go on letting be read. */
	private isRefused = false;
	private producer: Promise<Producer> | null = null;
	private queue: Pending[] = [];
	private sending = false;
	private onSent: () => void = () => {};
	/** Requests that were acknowledged, and the records in them. */
	private batches = 0;
	private records = 0;

	constructor(options: {
		readonly settings: KafkaSettings;
		readonly topic: string;
		readonly scheduler: Scheduler;
		readonly logger: Logger;
	}) {
		this.settings = options.settings;
		this.topic = options.topic;
		this.scheduler = options.scheduler;
		this.logger = options.logger;
	}

	/**
	 * @param texts the records, at least one
	 * @returns the first one's offset
	 * @throws LogUnavailable
	 */
	append(partition: number, texts: readonly string[]): Promise<number> {
		const size = texts.reduce((sum, text) => sum + text.length, 0);
		return new Promise((resolve, reject) => {
			this.queue.push({ partition, texts, size, resolve, reject });
			if (!this.sending) void this.sendAll();
		});
	}

	/** What it did, and the appends that wait for the one in flight. */
	counts(): { readonly batches: number; readonly records: number; readonly waiting: number } {
		return { batches: this.batches, records: this.records, waiting: this.queue.length };
	}

	/** What was appended before is sent first, where brokers take it within some seconds. */
	async close(): Promise<void> {
		await this.sent();
		const { producer } = this;
		this.producer = null;
		await producer?.then((p) => p.disconnect()).catch(() => {});
	}

	private async sendAll(): Promise<void> {
		this.sending = true;
		while (this.queue.length > 0) await this.sendNext(this.takeNext());
		this.sending = false;
		this.onSent();
	}

	/** Resolves when nothing waits to be sent, or when that takes too long. */
	private sent(): Promise<void> {
		if (!this.sending) return Promise.resolve();
		return new Promise((resolve) => {
			const cancel = this.scheduler.after(CLOSE_WITHIN_MS, resolve);
			this.onSent = () => {
				cancel();
				resolve();
			};
		});
	}

	private takeNext(): readonly Pending[] {
		let [size, records] = [0, 0];
		const first = this.queue.findIndex((pending, i) => {
			size += pending.size;
			records += pending.texts.length;
			return i > 0 && (size > GATHERED || records > GATHERED_RECORDS);
		});
		return this.queue.splice(0, first < 0 ? this.queue.length : first);
	}

	/** Answers all of these, one way or the other. */
	private async sendNext(group: readonly Pending[]): Promise<void> {
		this.producer ??= this.connect();
		const { producer } = this;
		try {
			const offsets = await this.inTime(producer.then((p) => this.send(p, group)));
			if (this.isRefused) this.logger.info("the log takes appends again", { topic: this.topic });
			this.isRefused = false;
			this.batches += 1;
			for (const { texts } of group) this.records += texts.length;
			for (const { partition, texts, resolve } of group) {
				const offset = offsets.get(partition);
				invariant(offset !== undefined, `${this.topic}/${partition} was written without an offset`);
				offsets.set(partition, offset + texts.length);
				resolve(offset);
			}
		} catch (error) {
			if (this.producer === producer) this.producer = null;
			void producer.then((p) => p.disconnect()).catch(() => {});
			const reason = failureWords(error);
			if (!this.isRefused)
				this.logger.warn("the log takes no appends", { topic: this.topic, reason });
			this.isRefused = true;
			const unavailable = new LogUnavailable(`no acknowledgement from ${this.topic}: ${reason}`);
			for (const { reject } of group) reject(unavailable);
		}
	}

	/** Gives each partition's first offset. */
	private async send(producer: Producer, group: readonly Pending[]): Promise<Map<number, number>> {
		const messages: Message[] = group.flatMap(({ partition, texts }) =>
			texts.map((value) => ({ partition, value })),
		);
		const written = await producer.sendBatch({
			acks: ACKNOWLEDGED_BY_ALL,
			timeout: ACK_TIMEOUT_MS,
			topicMessages: [{ topic: this.topic, messages }],
		});
		return new Map(written.map((part) => [part.partition, Number(part.baseOffset)]));
	}

	private async connect(): Promise<Producer> {
		const producer = new Kafka(kafkaConfig(this.settings)).producer({
			idempotent: false,
			maxInFlightRequests: 1,
			allowAutoTopicCreation: false,
			createPartitioner: () => (chosen) => chosen.message.partition as number,
		});
		await producer.connect();
		return producer;
	}

	private inTime<T>(answer: Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			const cancel = this.scheduler.after(APPEND_TIMEOUT_MS, () =>
				reject(new Error(`no answer within ${APPEND_TIMEOUT_MS} ms`)),
			);
			answer.then(resolve, reject).finally(cancel);
		});
	}
}
