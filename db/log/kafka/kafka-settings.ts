import { type KafkaConfig, logLevel } from "kafkajs";
import "./calm-request-queue.ts";

/** How a Kafka cluster is reached. */
export interface KafkaSettings {
	/** host:port of some of its brokers. */
	readonly brokers: readonly string[];
	readonly tls: boolean;
	/** Null: it asks for no name. */
	readonly sasl: {
		readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
		readonly username: string;
		readonly password: string;
	} | null;
	/** Who this is, in the brokers' metrics. */
	readonly clientId: string;
}

const CONNECT_TIMEOUT_MS = 2_000;
/** Longer than a broker waits for its followers (ACK_TIMEOUT_MS) and for something to read. */
const REQUEST_TIMEOUT_MS = 8_000;

/**
 * kafkajs' words for it. It tries nothing again by itself: whoever asked does, on a new connection, and
 * then says so. So it is silent too; what failed is in the errors.
 */
export function kafkaConfig(settings: KafkaSettings): KafkaConfig {
	const { brokers, tls, sasl, clientId } = settings;
	return {
		brokers: [...brokers],
		clientId,
		ssl: tls,
		...(sasl === null ? {} : { sasl: sasl as NonNullable<KafkaConfig["sasl"]> }),
		connectionTimeout: CONNECT_TIMEOUT_MS,
		authenticationTimeout: CONNECT_TIMEOUT_MS,
		requestTimeout: REQUEST_TIMEOUT_MS,
		enforceRequestTimeout: true,
		retry: { retries: 0 },
		logLevel: logLevel.NOTHING,
	};
}

/** What went wrong, without anything secret: the error's kind and its words. */
export function failureWords(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
