import { Kafka } from "kafkajs";
import type { TopicDefinition } from "../../../schemas/stores.ts";
import { type KafkaSettings, kafkaConfig } from "./kafka-settings.ts";

const TIMEOUT_MS = 10_000;
const FOR_EVER = -1;

/**
 * Creates the topics that are not there. Those that are stay as they are, and must have the partitions
 * asked for: their number is part of every position.
 *
 * @returns the names of those it made
 * @throws Error when one is there with another number of partitions
 */
export async function createTopics(
	settings: KafkaSettings,
	topics: readonly TopicDefinition[],
): Promise<readonly string[]> {
	const admin = new Kafka(kafkaConfig(settings)).admin({ retry: { retries: 5 } });
	await admin.connect();
	try {
		const there = new Set(await admin.listTopics());
		const missing = topics.filter((topic) => !there.has(topic.name));
		await admin.createTopics({
			waitForLeaders: true,
			timeout: TIMEOUT_MS,
			topics: missing.map((topic) => ({
				topic: topic.name,
				numPartitions: topic.partitions,
				replicationFactor: topic.replicas,
				configEntries: Object.entries(configOf(topic)).map(([name, value]) => ({ name, value })),
			})),
		});
		const { topics: now } = await admin.fetchTopicMetadata({ topics: topics.map((t) => t.name) });
		for (const { name, partitions } of topics) {
			const found = now.find((topic) => topic.name === name)?.partitions.length;
			if (found !== partitions) {
				throw new Error(`the topic ${name} has ${found} partitions, not ${partitions}`);
			}
		}
		return missing.map((topic) => topic.name);
	} finally {
		await admin.disconnect();
	}
}

function configOf(topic: TopicDefinition): Record<string, string> {
	return {
		// Compaction would make holes in the offsets.
		"cleanup.policy": "delete",
		"retention.ms": `${topic.retentionMs ?? FOR_EVER}`,
		"retention.bytes": `${FOR_EVER}`,
		"min.insync.replicas": `${topic.minInSyncReplicas}`,
		// A replica that lags never becomes the leader: it would take acknowledged records with it.
		"unclean.leader.election.enable": "false",
		"max.message.bytes": `${topic.maxBatchBytes}`,
	};
}
