import { Kafka } from "kafkajs";
import { type KafkaSettings, kafkaConfig } from "../kafka-settings.ts";

const PAUSE_MS = 100;

/** Deletes topics with all that is in them; resolves when the brokers know them no more. */
export async function deleteTopics(
	settings: KafkaSettings,
	topics: readonly string[],
): Promise<void> {
	const admin = new Kafka(kafkaConfig(settings)).admin({ retry: { retries: 5 } });
	await admin.connect();
	try {
		await admin.deleteTopics({ topics: [...topics] });
		for (;;) {
			const left = await admin.listTopics();
			if (topics.every((topic) => !left.includes(topic))) return;
			await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		}
	} finally {
		await admin.disconnect();
	}
}
