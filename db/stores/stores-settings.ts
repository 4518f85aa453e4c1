import {
	type Environment,
	oneOf,
	readSettings,
	setting,
	settingsHelp,
} from "../../schemas/settings.ts";
import {
	LOCAL_REPLICAS,
	PRODUCTION_REPLICAS,
	type StoresSize,
	type VenueNames,
} from "../../schemas/stores.ts";
import type { S3Settings } from "../archive/s3-settings.ts";
import type { PostgresSettings } from "../ledger/connection-settings.ts";
import type { KafkaSettings } from "../log/kafka/kafka-settings.ts";
import type { DynamoDbSettings } from "../order-log/dynamodb/dynamodb-settings.ts";
import {
	DYNAMODB_SETTINGS,
	dynamoDbOf,
	KAFKA_SETTINGS,
	kafkaOf,
	namesOf,
	POSTGRES_SETTINGS,
	postgresOf,
	S3_SETTINGS,
	SHARD_SETTINGS,
	s3Of,
	VENUE_SETTINGS,
} from "./server-settings.ts";

/** The real servers of a venue that have something to be created on them. */
export interface StoresSettings {
	readonly names: VenueNames;
	readonly size: StoresSize;
	readonly accountShards: number;
	readonly kafka: KafkaSettings;
	readonly dynamoDb: DynamoDbSettings;
	readonly s3: S3Settings;
	readonly postgres: PostgresSettings;
}

const TABLE = {
	...VENUE_SETTINGS,
	...SHARD_SETTINGS,
	REPLICAS: setting(
		"of each topic: 3, of which 2 must have a record; or 1, to try things out",
		"3",
		oneOf("1", "3"),
	),
	...KAFKA_SETTINGS,
	...POSTGRES_SETTINGS,
	...DYNAMODB_SETTINGS,
	...S3_SETTINGS,
} as const;

/**
 * The stores that the environment names.
 *
 * @throws SettingsError
 */
export function storesSettings(environment: Environment, clientId: string): StoresSettings {
	const values = readSettings(TABLE, environment);
	const replicas = values.REPLICAS === "1" ? LOCAL_REPLICAS : PRODUCTION_REPLICAS;
	return {
		names: namesOf(values),
		size: { partitions: values.PARTITIONS, ...replicas },
		accountShards: values.ACCOUNT_SHARDS,
		kafka: kafkaOf(values, clientId),
		dynamoDb: dynamoDbOf(values),
		s3: s3Of(values),
		postgres: postgresOf(values),
	};
}

/** What --help prints. */
export function storesSettingsHelp(): string {
	return settingsHelp(TABLE);
}
