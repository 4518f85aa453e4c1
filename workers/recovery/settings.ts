import {
	DYNAMODB_SETTINGS,
	KAFKA_SETTINGS,
	POSTGRES_SETTINGS,
	S3_SETTINGS,
	SHARD_SETTINGS,
	VENUE_SETTINGS,
} from "../../db/stores/server-settings.ts";

/** The servers that a recovery reads and writes, as every process names them. */
export const RECOVERY_SETTINGS = {
	...VENUE_SETTINGS,
	...SHARD_SETTINGS,
	...KAFKA_SETTINGS,
	...POSTGRES_SETTINGS,
	...DYNAMODB_SETTINGS,
	...S3_SETTINGS,
} as const;
