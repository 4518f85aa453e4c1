/**
 * The topics, the table and the bucket of a venue on real servers: one definition, for the command that
 * creates them and for `infra`.
 */

/** What everything of one venue is called: several can share the same servers. */
export interface VenueNames {
	/** Kafka's topics. */
	readonly orders: string;
	readonly trades: string;
	readonly marketData: string;
	/** DynamoDB's table. */
	readonly table: string;
	/** S3's bucket. */
	readonly bucket: string;
	/** PostgreSQL's database. */
	readonly database: string;
	/** Before each of Redis' keys and channels. */
	readonly redisPrefix: string;
}

/** The venue of a production cluster: its topics have no prefix. */
export const DEFAULT_VENUE = "castle";

/** @param venue lower-case letters, digits and hyphens, beginning with a letter */
export function venueNames(venue: string): VenueNames {
	const prefix = venue === DEFAULT_VENUE ? "" : `${venue}.`;
	return {
		orders: `${prefix}orders`,
		trades: `${prefix}trades`,
		marketData: `${prefix}market-data`,
		table: `${venue}-order-log`,
		bucket: `${venue}-archive`,
		database: venue,
		redisPrefix: `${venue}:`,
	};
}

export interface TopicDefinition {
	readonly name: string;
	readonly partitions: number;
	readonly replicas: number;
	/** How many replicas must have a record before it is acknowledged. */
	readonly minInSyncReplicas: number;
	/** Null: records stay until they are removed by hand. */
	readonly retentionMs: number | null;
	/** Largest batch a broker takes. */
	readonly maxBatchBytes: number;
}

/** How much there is of everything. */
export interface StoresSize {
	/** Partitions of each topic: fixed at the venue's beginning. */
	readonly partitions: number;
	readonly replicas: number;
	readonly minInSyncReplicas: number;
}

/** Any broker may die, and no acknowledged record is lost. */
export const PRODUCTION_REPLICAS = { replicas: 3, minInSyncReplicas: 2 } as const;
/** One broker: for a laptop and for tests. */
export const LOCAL_REPLICAS = { replicas: 1, minInSyncReplicas: 1 } as const;

const DAY_MS = 86_400_000;
/** A record of 1,000 events is about 100 KB; whatever is gathered beside it, a batch stays below this. */
export const MAX_BATCH_BYTES = 8 << 20;

/** Every topic of a venue. */
export function topicDefinitions(
	size: StoresSize,
	names: VenueNames = venueNames(DEFAULT_VENUE),
): readonly TopicDefinition[] {
	const all = { ...size, maxBatchBytes: MAX_BATCH_BYTES };
	return [
		// A restart may replay from its beginning, so nothing of these may go by itself.
		{ name: names.orders, ...all, retentionMs: null },
		{ name: names.trades, ...all, retentionMs: null },
		// Worked out again from trades whenever it is needed.
		{ name: names.marketData, ...all, retentionMs: 7 * DAY_MS },
	];
}

/** DynamoDB: every order that has ended, every fill, and what is open. Both keys are text; no index (reads must be consistent). */
export const ORDER_LOG_TABLE = { partitionKey: "pk", sortKey: "sk" } as const;
