import {
	ARCHIVE_BUCKET,
	LOCAL_REPLICAS,
	ORDER_LOG_TABLE,
	PRODUCTION_REPLICAS,
	type StoresSize,
} from "../../schemas/stores.ts";
import type { S3Settings } from "../archive/s3-settings.ts";
import type { KafkaSettings } from "../log/kafka/kafka-settings.ts";
import type { DynamoDbSettings } from "../order-log/dynamodb/dynamodb-settings.ts";

/** The real servers of a venue that have something to be created on them. */
export interface StoresSettings {
	readonly kafka: KafkaSettings;
	readonly size: StoresSize;
	readonly dynamoDb: DynamoDbSettings;
	readonly s3: S3Settings;
}

/** Every variable: what it means, and what it is when not given; null where it must be. */
const VARIABLES = {
	KAFKA_BROKERS: ["host:port of Kafka's brokers, by commas", null],
	KAFKA_TLS: ["1: TLS to Kafka", "0"],
	KAFKA_SASL: ["how Kafka is signed in to: plain, scram-sha-256, scram-sha-512; empty: not", ""],
	KAFKA_USERNAME: ["the name there", ""],
	KAFKA_PASSWORD: ["and its password", ""],
	PARTITIONS: ["partitions of each topic, fixed at the venue's beginning", "1"],
	REPLICAS: ["of each topic: 3, of which 2 must have a record; or 1, to try things out", "3"],
	AWS_REGION: ["region of DynamoDB and S3", null],
	ORDER_LOG_TABLE: ["the order log's table", ORDER_LOG_TABLE.name],
	DYNAMODB_ENDPOINT: ["address of a DynamoDB that is not Amazon's", ""],
	ARCHIVE_BUCKET: ["the archive's bucket", ARCHIVE_BUCKET],
	S3_ENDPOINT: ["address of an S3 that is not Amazon's", ""],
} as const satisfies Record<string, readonly [string, string | null]>;

type Values = Record<keyof typeof VARIABLES, string>;

/** A variable is missing or no good; the message names it, and never its value if that is secret. */
export class StoresSettingsError extends Error {
	override readonly name = "StoresSettingsError";
}

/**
 * The stores that the environment names. Keys for AWS are found as its clients find them: by the
 * variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or by the machine's role.
 *
 * @throws StoresSettingsError
 */
export function storesSettings(
	environment: Readonly<Record<string, string | undefined>>,
	clientId: string,
): StoresSettings {
	const values = valuesOf(environment);
	const aws = { region: values.AWS_REGION, credentials: null };
	return {
		kafka: {
			brokers: values.KAFKA_BROKERS.split(","),
			tls: oneOf(values, "KAFKA_TLS", ["0", "1"]) === "1",
			sasl: saslOf(values),
			clientId,
		},
		size: {
			partitions: partitionsOf(values),
			...(oneOf(values, "REPLICAS", ["1", "3"]) === "1" ? LOCAL_REPLICAS : PRODUCTION_REPLICAS),
		},
		dynamoDb: { ...aws, table: values.ORDER_LOG_TABLE, endpoint: values.DYNAMODB_ENDPOINT || null },
		s3: { ...aws, bucket: values.ARCHIVE_BUCKET, endpoint: values.S3_ENDPOINT || null },
	};
}

/** What --help prints. */
export function storesSettingsHelp(): string {
	const lines = Object.entries(VARIABLES).map(([name, [help, fallback]]) => {
		const standard = fallback === null ? " (must be given)" : fallback && ` (${fallback})`;
		return `  ${name.padEnd(20)}${help}${standard}`;
	});
	return `Settings, by environment variable (and what they are when not given):\n${lines.join("\n")}`;
}

function valuesOf(environment: Readonly<Record<string, string | undefined>>): Values {
	const entries = Object.entries(VARIABLES).map(([name, [, fallback]]) => [
		name,
		environment[name] || fallback,
	]);
	const missing = entries.filter(([, value]) => value === null).map(([name]) => name);
	if (missing.length > 0) throw new StoresSettingsError(`${missing.join(", ")} must be given`);
	return Object.fromEntries(entries);
}

function oneOf<T extends string>(values: Values, name: keyof Values, allowed: readonly T[]): T {
	const found = allowed.find((value) => value === values[name]);
	if (found !== undefined) return found;
	throw new StoresSettingsError(`${name}=${values[name]}: must be one of ${allowed.join(", ")}`);
}

function saslOf(values: Values): KafkaSettings["sasl"] {
	if (values.KAFKA_SASL === "") return null;
	const mechanism = oneOf(values, "KAFKA_SASL", ["plain", "scram-sha-256", "scram-sha-512"]);
	return { mechanism, username: values.KAFKA_USERNAME, password: values.KAFKA_PASSWORD };
}

function partitionsOf(values: Values): number {
	const partitions = Number(values.PARTITIONS);
	if (Number.isInteger(partitions) && partitions >= 1 && partitions <= 64) return partitions;
	throw new StoresSettingsError(
		`PARTITIONS=${values.PARTITIONS}: must be a whole number from 1 to 64`,
	);
}
