import { Kafka } from "kafkajs";
import Cluster, { type Broker } from "kafkajs/src/cluster/index.js";
import socketFactory from "kafkajs/src/network/socketFactory.js";
import { type KafkaSettings, kafkaConfig } from "./kafka-settings.ts";

const READ_UNCOMMITTED = 0;
const METADATA_MAX_AGE_MS = 60_000;

/**
 * Connects to the brokers, with connections of its own.
 *
 * @param prepare what is asked first; when it fails nothing stays open
 * @throws what kafkajs does
 */
export async function openCluster(
	settings: KafkaSettings,
	prepare: (cluster: Cluster) => Promise<void>,
): Promise<Cluster> {
	const config = kafkaConfig(settings);
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
		await prepare(cluster);
		return cluster;
	} catch (error) {
		void cluster.disconnect().catch(() => {});
		throw error;
	}
}

/** The broker that leads a partition, as far as is known. @throws Error when there is no such partition */
export async function leaderOf(
	cluster: Cluster,
	topic: string,
	partition: number,
): Promise<Broker> {
	const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
	if (nodeId === undefined) throw new Error(`there is no partition ${partition}`);
	return cluster.findBroker({ nodeId });
}
