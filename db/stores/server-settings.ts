import * as v from "valibot";
import {
	listed,
	oneOf,
	onOff,
	SettingsError,
	type SettingsOf,
	secretSetting,
	setting,
	textValue,
	whole,
} from "../../schemas/settings.ts";
import { DEFAULT_VENUE, type VenueNames, venueNames } from "../../schemas/stores.ts";
import type { S3Settings } from "../archive/s3-settings.ts";
import type { RedisSettings } from "../cache/redis-connection.ts";
import type { PostgresSettings } from "../ledger/connection-settings.ts";
import { holdToSchema } from "../ledger/hold-to-schema.ts";
import { iamTokens } from "../ledger/iam-tokens.ts";
import { arePemCertificates } from "../ledger/pem-certificates.ts";
import { holdToVenueNumbers } from "../ledger/venue-numbers.ts";
import type { KafkaSettings } from "../log/kafka/kafka-settings.ts";
import type { DynamoDbSettings } from "../order-log/dynamodb/dynamodb-settings.ts";

/**
 * How the environment names the servers of a venue: one table of settings for each, and what becomes of
 * it. A process takes the tables of the servers it uses.
 */
export const VENUE_SETTINGS = {
	VENUE: setting(
		"the venue's name: part of every topic, table, bucket, key and database",
		DEFAULT_VENUE,
		v.pipe(
			v.string(),
			v.regex(/^[a-z][a-z0-9-]{0,30}$/, "must be a-z, 0-9 and hyphens, a letter first"),
		),
	),
	PARTITIONS: setting(
		"partitions of each topic, fixed at the venue's beginning",
		"1",
		whole(1, 64),
	),
} as const;

/** Of those who must know which account worker is a user's. */
export const SHARD_SETTINGS = {
	ACCOUNT_SHARDS: setting("shards of accounts, fixed at the venue's beginning", "1", whole(1, 256)),
} as const;

export const KAFKA_SETTINGS = {
	KAFKA_BROKERS: setting("host:port of Kafka's brokers, by commas", null, listed),
	KAFKA_TLS: setting("1: TLS to Kafka", "0", onOff),
	KAFKA_SASL: setting(
		"how Kafka is signed in to: none, plain, scram-sha-256 or scram-sha-512",
		"none",
		oneOf("none", "plain", "scram-sha-256", "scram-sha-512"),
	),
	KAFKA_USERNAME: setting("the name there", "", textValue),
	KAFKA_PASSWORD: secretSetting("and its password", "", textValue),
} as const;

export const POSTGRES_SETTINGS = {
	POSTGRES_HOST: setting("Aurora's writer endpoint, or a folder of a Unix socket", null, textValue),
	POSTGRES_PORT: setting("its port", "5432", whole(1, 65_535)),
	POSTGRES_DATABASE: setting("the database; empty: by the venue's name", "", textValue),
	POSTGRES_USER: setting("the name there", "castle", textValue),
	POSTGRES_PASSWORD: secretSetting("and its password", "", textValue),
	POSTGRES_IAM: setting(
		"1: by a token of AWS' IAM at each connect, in place of a password",
		"0",
		onOff,
	),
	/** Null is none. So tsc refuses a table where this one hides that of DynamoDB or S3, who must have it. */
	AWS_REGION: setting(
		"region of Aurora, for its tokens",
		"",
		v.pipe(
			v.string(),
			v.transform((text) => text || null),
		),
	),
	POSTGRES_TLS: setting("1: TLS, the server's certificate verified", "0", onOff),
	POSTGRES_CA: setting(
		"the authority of that certificate, PEM; empty: the system's",
		"",
		v.pipe(
			v.string(),
			v.check(
				(text) => text === "" || arePemCertificates(text),
				"must be certificates in PEM: their text, not the name of a file",
			),
		),
	),
} as const;

export const REDIS_SETTINGS = {
	REDIS_HOST: setting("Redis", null, textValue),
	REDIS_PORT: setting("its port", "6379", whole(1, 65_535)),
	REDIS_TLS: setting("1: TLS to Redis", "0", onOff),
	REDIS_USERNAME: setting("the name there; empty: it asks for none", "", textValue),
	REDIS_PASSWORD: secretSetting("and its password", "", textValue),
} as const;

const AWS_REGION = setting("region of DynamoDB and S3", null, textValue);

export const DYNAMODB_SETTINGS = {
	AWS_REGION,
	ORDER_LOG_TABLE: setting("the order log's table; empty: by the venue's name", "", textValue),
	DYNAMODB_ENDPOINT: setting("address of a DynamoDB that is not Amazon's", "", textValue),
} as const;

export const S3_SETTINGS = {
	AWS_REGION,
	ARCHIVE_BUCKET: setting("the archive's bucket; empty: by the venue's name", "", textValue),
	S3_ENDPOINT: setting("address of an S3 that is not Amazon's", "", textValue),
} as const;

type Venue = Pick<SettingsOf<typeof VENUE_SETTINGS>, "VENUE">;

export function namesOf(values: Venue): VenueNames {
	return venueNames(values.VENUE);
}

/** @param clientId who this is, in the brokers' metrics */
export function kafkaOf(
	values: SettingsOf<typeof KAFKA_SETTINGS>,
	clientId: string,
): KafkaSettings {
	const { KAFKA_SASL: mechanism } = values;
	const sasl =
		mechanism === "none"
			? null
			: { mechanism, username: values.KAFKA_USERNAME, password: values.KAFKA_PASSWORD };
	return { brokers: values.KAFKA_BROKERS, tls: values.KAFKA_TLS, sasl, clientId };
}

/** @throws SettingsError when a token is asked for, and another setting does not go with that */
export function postgresOf(values: SettingsOf<typeof POSTGRES_SETTINGS> & Venue): PostgresSettings {
	return {
		host: values.POSTGRES_HOST,
		port: values.POSTGRES_PORT,
		database: values.POSTGRES_DATABASE || namesOf(values).database,
		user: values.POSTGRES_USER,
		password: values.POSTGRES_IAM ? tokensOf(values) : values.POSTGRES_PASSWORD,
		tls: values.POSTGRES_TLS ? { ca: values.POSTGRES_CA || null } : null,
	};
}

function tokensOf(values: SettingsOf<typeof POSTGRES_SETTINGS>): () => Promise<string> {
	const { POSTGRES_HOST: host, POSTGRES_PORT: port, POSTGRES_USER: user } = values;
	const region = values.AWS_REGION ?? "";
	const faults = [
		values.POSTGRES_TLS ? "" : "POSTGRES_TLS must be 1: a token is sent as it is",
		values.POSTGRES_PASSWORD && "POSTGRES_PASSWORD must not be given: a token takes its place",
		region ? "" : "AWS_REGION must be given: a token is for one region",
		host.startsWith("/") ? "POSTGRES_HOST must be a name: a token is for one" : "",
	].filter((fault) => fault !== "");
	if (faults.length === 0) return iamTokens({ host, port, user, region });
	throw new SettingsError(faults.map((fault) => `with POSTGRES_IAM=1, ${fault}`).join("\n"));
}

/**
 * Before a process stands by for anything: it must not take a turn that it cannot do.
 *
 * @throws as `holdToSchema` and `holdToVenueNumbers`
 */
export async function heldToLedger(
	values: SettingsOf<typeof VENUE_SETTINGS & typeof SHARD_SETTINGS & typeof POSTGRES_SETTINGS>,
): Promise<void> {
	const { PARTITIONS: partitions, ACCOUNT_SHARDS: accountShards } = values;
	const postgres = postgresOf(values);
	await holdToSchema(postgres);
	await holdToVenueNumbers(postgres, { partitions, accountShards });
}

export function redisOf(values: SettingsOf<typeof REDIS_SETTINGS> & Venue): RedisSettings {
	const { REDIS_USERNAME: username, REDIS_PASSWORD: password } = values;
	return {
		host: values.REDIS_HOST,
		port: values.REDIS_PORT,
		tls: values.REDIS_TLS,
		credentials: username === "" && password === "" ? null : { username, password },
		prefix: namesOf(values).redisPrefix,
	};
}

/**
 * Keys for AWS are found as its clients find them: by the variables AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY, or by the machine's role.
 */
export function dynamoDbOf(values: SettingsOf<typeof DYNAMODB_SETTINGS> & Venue): DynamoDbSettings {
	return {
		region: values.AWS_REGION,
		table: values.ORDER_LOG_TABLE || namesOf(values).table,
		endpoint: values.DYNAMODB_ENDPOINT || null,
		credentials: null,
	};
}

/** As `dynamoDbOf`. */
export function s3Of(values: SettingsOf<typeof S3_SETTINGS> & Venue): S3Settings {
	return {
		region: values.AWS_REGION,
		bucket: values.ARCHIVE_BUCKET || namesOf(values).bucket,
		endpoint: values.S3_ENDPOINT || null,
		credentials: null,
	};
}
