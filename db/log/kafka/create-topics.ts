import { type Admin, ConfigResourceTypes, Kafka } from "kafkajs";
import type { TopicDefinition } from "../../../schemas/stores.ts";
import { type KafkaSettings, kafkaConfig } from "./kafka-settings.ts";

const TIMEOUT_MS = 10_000;
const FOR_EVER = -1;

/**
 * Creates the topics that are not there. Those that are stay as they are, and must be as they would be made: the
 * number of partitions is part of every position, and what else differs can lose acknowledged records.
 *
 * @returns the names of those it made
 * @throws Error naming everything that differs, one a line
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
		const found = topics.filter((topic) => !missing.includes(topic));
		const faults = [...(await shapeFaults(admin, topics)), ...(await configFaults(admin, found))];
		if (faults.length > 0) throw new Error(faults.join("\n"));
		return missing.map((topic) => topic.name);
	} finally {
		await admin.disconnect();
	}
}

async function shapeFaults(admin: Admin, topics: readonly TopicDefinition[]): Promise<string[]> {
	const names = topics.map(({ name }) => name);
	const { topics: now } = await admin.fetchTopicMetadata({ topics: names });
	return topics.flatMap(({ name, partitions, replicas }) => {
		const there = now.find((topic) => topic.name === name)?.partitions ?? [];
		const fewest = Math.min(...there.map((partition) => partition.replicas.length));
		return [
			...(there.length === partitions
				? []
				: [`the topic ${name} has ${there.length} partitions, not ${partitions}`]),
			...(fewest < replicas ? [`the topic ${name} has ${fewest} replicas, not ${replicas}`] : []),
		];
	});
}

async function configFaults(admin: Admin, topics: readonly TopicDefinition[]): Promise<string[]> {
	if (topics.length === 0) return [];
	const { resources } = await admin.describeConfigs({
		includeSynonyms: false,
		resources: topics.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name })),
	});
	return topics.flatMap((topic) => {
		const entries = resources.find(
			({ resourceName }) => resourceName === topic.name,
		)?.configEntries;
		const now = new Map(entries?.map(({ configName, configValue }) => [configName, configValue]));
		return Object.entries(configOf(topic))
			.filter(([config, value]) => now.get(config) !== value)
			.map(
				([config, value]) =>
					`the topic ${topic.name} has ${config}=${now.get(config)}, not ${value}`,
			);
	});
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
