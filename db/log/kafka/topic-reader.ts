import { Kafka } from "kafkajs";
import Cluster, { type Broker } from "kafkajs/src/cluster/index.js";
import socketFactory from "kafkajs/src/network/socketFactory.js";
import { LogUnavailable } from "../../../schemas/ports/log.ts";
import { failureWords, type KafkaSettings, kafkaConfig } from "./kafka-settings.ts";
import { type TopicIdentity, topicIdentity } from "./topic-identity.ts";

/** The topic is not the one it was: deleted, and perhaps made again. Positions in it mean nothing now. */
export class TopicReplaced extends Error {
	override readonly name = "TopicReplaced";
}

/** One encoded record and where it stands. */
export interface FetchedRecord {
	readonly offset: number;
	/** Null: not written by us, as the mark of a transaction's end is. */
	readonly text: string | null;
}

/** How much one request brings, bytes; a single larger batch comes whole. */
const FETCH_BYTES = 1 << 20;
const READ_UNCOMMITTED = 0;
const METADATA_MAX_AGE_MS = 60_000;
const [EARLIEST, LATEST] = [-2, -1];

/**
 * Reads one topic of Kafka by partition and offset, without a consumer group. A connection of its own;
 * a broker serves its requests one after another, so who waits for new records needs his own.
 *
 * Whatever fails takes the connection with it: the next request makes a new one.
 */
export class TopicReader {
	private readonly settings: KafkaSettings;
	private readonly topic: string;
	private readonly id: string | null;
	private connection: Promise<Cluster> | null = null;
	/** By partition: where it ended at the last fetch. */
	private readonly ends = new Map<number, number>();

	/** @param id what the topic must be; null while that is not known, for `identity` alone */
	constructor(settings: KafkaSettings, topic: string, id: string | null) {
		this.settings = settings;
		this.topic = topic;
		this.id = id;
	}

	/**
	 * The topic's identity as of now; null when there is no such topic.
	 *
	 * @throws LogUnavailable
	 */
	identity(): Promise<TopicIdentity | null> {
		return this.ask((cluster) => this.identityNow(cluster));
	}

	/**
	 * Records from an offset on, at most about a megabyte; at the end none, after waiting for one to come.
	 *
	 * @returns null when the partition has no such offset: it begins later, or ends before
	 * @throws LogUnavailable, TopicReplaced
	 */
	async fetch(
		partition: number,
		from: number,
		maxWaitMs: number,
	): Promise<readonly FetchedRecord[] | null> {
		return this.ask(async (cluster) => {
			const leader = await this.leader(cluster, partition);
			try {
				const { responses } = await leader.fetch({
					replicaId: -1,
					isolationLevel: READ_UNCOMMITTED,
					maxWaitTime: maxWaitMs,
					minBytes: 1,
					maxBytes: FETCH_BYTES,
					topics: [
						{
							topic: this.topic,
							partitions: [{ partition, fetchOffset: `${from}`, maxBytes: FETCH_BYTES }],
						},
					],
				});
				const answer = responses[0]?.partitions[0];
				if (answer === undefined) throw new Error("an answer without the partition");
				this.ends.set(partition, Number(answer.highWatermark));
				const records = answer.messages.map(({ offset, value, isControlRecord }) => ({
					offset: Number(offset),
					text: isControlRecord ? null : (value?.toString() ?? null),
				}));
				// A batch comes whole, also when it is asked for from its middle.
				return records.filter((record) => record.offset >= from);
			} catch (error) {
				if ((error as { type?: unknown }).type === "OFFSET_OUT_OF_RANGE") return null;
				throw error;
			}
		});
	}

	/** Where a partition ended when it was last fetched from; 0 before. */
	endSeen(partition: number): number {
		return this.ends.get(partition) ?? 0;
	}

	/**
	 * The offset the partition's next record will get, by its leader.
	 *
	 * @throws LogUnavailable, TopicReplaced
	 */
	end(partition: number): Promise<number> {
		return this.offsetAt(partition, LATEST);
	}

	/**
	 * The first offset the partition still has.
	 *
	 * @throws LogUnavailable, TopicReplaced
	 */
	first(partition: number): Promise<number> {
		return this.offsetAt(partition, EARLIEST);
	}

	async close(): Promise<void> {
		const { connection } = this;
		this.connection = null;
		await connection?.then((cluster) => cluster.disconnect()).catch(() => {});
	}

	private offsetAt(partition: number, timestamp: number): Promise<number> {
		return this.ask(async (cluster) => {
			const leader = await this.leader(cluster, partition);
			const { responses } = await leader.listOffsets({
				replicaId: -1,
				isolationLevel: READ_UNCOMMITTED,
				topics: [{ topic: this.topic, partitions: [{ partition, timestamp }] }],
			});
			const offset = Number(responses[0]?.partitions[0]?.offset ?? -1);
			if (offset < 0) throw new Error("an answer without an offset");
			return offset;
		});
	}

	private async ask<T>(request: (cluster: Cluster) => Promise<T>): Promise<T> {
		this.connection ??= this.connect();
		const { connection } = this;
		try {
			return await request(await connection);
		} catch (error) {
			if (this.connection === connection) this.connection = null;
			void connection.then((cluster) => cluster.disconnect()).catch(() => {});
			if (error instanceof TopicReplaced) throw error;
			throw new LogUnavailable(`${this.topic} could not be read: ${failureWords(error)}`);
		}
	}

	private async connect(): Promise<Cluster> {
		const config = kafkaConfig(this.settings);
		const cluster = new Cluster({
			...config,
			logger: new Kafka(config).logger(),
			socketFactory: socketFactory(),
			metadataMaxAge: METADATA_MAX_AGE_MS,
			allowAutoTopicCreation: false,
			isolationLevel: READ_UNCOMMITTED,
		});
		try {
			await cluster.connect();
			if (this.id === null) {
				await cluster.refreshMetadata();
				return cluster;
			}
			await cluster.addTargetTopic(this.topic);
			if ((await this.identityNow(cluster))?.id !== this.id) {
				throw new TopicReplaced(`${this.topic} is another topic than it was`);
			}
			return cluster;
		} catch (error) {
			void cluster.disconnect().catch(() => {});
			throw error;
		}
	}

	private async identityNow(cluster: Cluster): Promise<TopicIdentity | null> {
		const [nodeId] = cluster.getNodeIds();
		if (nodeId === undefined) throw new Error("no broker is known");
		return topicIdentity(await cluster.findBroker({ nodeId }), this.topic);
	}

	private async leader(cluster: Cluster, partition: number): Promise<Broker> {
		const [nodeId] = Object.keys(cluster.findLeaderForPartitions(this.topic, [partition]));
		if (nodeId === undefined) throw new Error(`there is no partition ${partition}`);
		return cluster.findBroker({ nodeId });
	}
}
