import { sql } from "drizzle-orm";
import {
	bigint,
	bigserial,
	boolean,
	check,
	index,
	integer,
	jsonb,
	numeric,
	pgTable,
	primaryKey,
	smallint,
	text,
	unique,
} from "drizzle-orm/pg-core";
import type { AuditDetails } from "../../schemas/ports/audit-log.ts";
import type { KeyType } from "../../schemas/ports/crypto.ts";
import {
	clearingAccount,
	EXTERNAL_ACCOUNT,
	type TransferKind,
} from "../../schemas/ports/ledger.ts";
import type { Scope } from "../../schemas/ports/users.ts";
import type { VenueConfigState } from "../../schemas/venue-config.ts";

/** Safe integers of ours: seqs, offsets, ids, times in ms. */
const safeInteger = () => bigint({ mode: "number" });
/** Money in an asset's smallest units. */
const amount = () => numeric({ precision: 40, scale: 0, mode: "bigint" });

/** The fence of each shard: its owner's epoch and its last committed batch. */
export const shards = pgTable("shards", {
	shard: integer().primaryKey(),
	epoch: safeInteger().notNull(),
	batch: safeInteger().notNull(),
	config: jsonb().$type<VenueConfigState>().notNull(),
	/** Which log its positions are of. */
	logId: text(),
});

export const positions = pgTable(
	"positions",
	{
		shard: integer().notNull(),
		partition: integer().notNull(),
		ordersOffset: safeInteger().notNull(),
		ordersEpoch: safeInteger().notNull(),
		ordersSeq: safeInteger().notNull(),
		heldSeq: safeInteger().notNull(),
		/** The default is for account workers of before the column, which do not name it. */
		answeredSeq: safeInteger().notNull().default(0),
		tradesOffset: safeInteger().notNull(),
		evSeq: safeInteger().notNull(),
		hash: text().notNull(),
		lastTs: safeInteger().notNull(),
	},
	(t) => [primaryKey({ columns: [t.shard, t.partition] })],
);

/** What holds of market orders are worked out from, as of the shard's position. */
export const symbolPrices = pgTable(
	"symbol_prices",
	{
		shard: integer().notNull(),
		symbolId: integer().notNull(),
		bidTicks: safeInteger().notNull(),
		askTicks: safeInteger().notNull(),
		lastTicks: safeInteger().notNull(),
		lastTradeId: safeInteger().notNull(),
	},
	(t) => [primaryKey({ columns: [t.shard, t.symbolId] })],
);

export const balances = pgTable(
	"balances",
	{
		shard: integer().notNull(),
		accountId: safeInteger().notNull(),
		assetId: integer().notNull(),
		available: amount().notNull(),
		held: amount().notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.shard, t.accountId, t.assetId] }),
		check("balances_held_not_negative", sql`${t.held} >= 0`),
		check(
			"balances_available_not_negative",
			sql`${t.available} >= 0 or ${t.accountId} = ${sql.raw(`${EXTERNAL_ACCOUNT}`)} or ${t.accountId} <= ${sql.raw(`${clearingAccount(0)}`)}`,
		),
	],
);

/**
 * Open orders, by the command that placed them. What SQL asks of them has a column; the rest of the
 * order's state is one document (order-document.ts), so that a new field needs no migration. As text: to read it
 * into jsonb cost the server a fourth of all that it does.
 */
export const openOrders = pgTable(
	"open_orders",
	{
		shard: integer().notNull(),
		partition: integer().notNull(),
		seq: safeInteger().notNull(),
		userId: safeInteger().notNull(),
		holdAssetId: integer().notNull(),
		heldAmount: amount().notNull(),
		document: text().notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.shard, t.partition, t.seq] }),
		check("open_orders_held_not_negative", sql`${t.heldAmount} >= 0`),
	],
);

/** Every movement of money, written once. */
export const transfers = pgTable(
	"transfers",
	{
		shard: integer().notNull(),
		partition: integer().notNull(),
		evSeq: safeInteger().notNull(),
		n: integer().notNull(),
		kind: text().$type<TransferKind>().notNull(),
		accountId: safeInteger().notNull(),
		counterAccountId: safeInteger().notNull(),
		debitAssetId: integer().notNull(),
		debitAmount: amount().notNull(),
		creditAssetId: integer().notNull(),
		creditAmount: amount().notNull(),
		feeAmount: amount().notNull(),
		symbolId: integer().notNull(),
		tradeId: safeInteger().notNull(),
		orderId: safeInteger().notNull(),
		externalId: text().notNull(),
		ts: safeInteger().notNull(),
	},
	(t) => [primaryKey({ columns: [t.shard, t.partition, t.evSeq, t.n] })],
);

export const recentClientIds = pgTable(
	"recent_client_ids",
	{
		shard: integer().notNull(),
		userId: safeInteger().notNull(),
		clientOrderId: text().notNull(),
		finishedAtMs: safeInteger().notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.shard, t.userId, t.clientOrderId] }),
		index("recent_client_ids_by_age").on(t.shard, t.finishedAtMs),
	],
);

export const externalIds = pgTable(
	"external_ids",
	{
		shard: integer().notNull(),
		userId: safeInteger().notNull(),
		kind: text().$type<"deposit" | "withdrawal">().notNull(),
		externalId: text().notNull(),
		assetId: integer().notNull(),
		amount: amount().notNull(),
		partition: integer().notNull(),
		seq: safeInteger().notNull(),
		doneAtMs: safeInteger().notNull(),
	},
	(t) => [primaryKey({ columns: [t.shard, t.userId, t.kind, t.externalId] })],
);

export const users = pgTable("users", {
	userId: bigserial({ mode: "number" }).primaryKey(),
	email: text().notNull().unique(),
	passwordHash: text().notNull(),
	frozen: boolean().notNull().default(false),
	createdAtMs: safeInteger().notNull(),
});

/** Of users with a second factor in force. */
export const totps = pgTable("totps", {
	userId: safeInteger()
		.primaryKey()
		.references(() => users.userId),
	sealedSecret: text().notNull(),
	lastStep: safeInteger().notNull(),
	recoveryHashes: text().array().notNull(),
});

export const apiKeys = pgTable(
	"api_keys",
	{
		keyId: bigserial({ mode: "number" }).primaryKey(),
		userId: safeInteger()
			.notNull()
			.references(() => users.userId),
		apiKey: text().notNull(),
		type: text().$type<KeyType>().notNull(),
		material: text().notNull(),
		label: text().notNull(),
		scopes: text().array().$type<Scope[]>().notNull(),
		ips: text().array().notNull(),
		generation: smallint().notNull().default(1),
		revoked: boolean().notNull().default(false),
		createdAtMs: safeInteger().notNull(),
	},
	(t) => [unique("api_keys_api_key").on(t.apiKey), index("api_keys_by_user").on(t.userId)],
);

/** One row: what is fixed at the venue's beginning. Where a user or a symbol belongs hangs on it. */
export const venueNumbers = pgTable(
	"venue_numbers",
	{
		id: smallint().primaryKey(),
		partitions: integer().notNull(),
		accountShards: integer().notNull(),
	},
	(t) => [check("venue_numbers_one_row", sql`${t.id} = 1`)],
);

/** Which process does what only one may do, and how often it has said that it lives. */
export const leases = pgTable("leases", {
	name: text().primaryKey(),
	holder: text().notNull(),
	beats: safeInteger().notNull(),
	/** The server process of the connection that the last beat came by; null: it was not said. */
	backend: integer(),
});

/** Append-only: a trigger refuses changes; the hashes chain the rows. */
export const auditLog = pgTable(
	"audit_log",
	{
		id: safeInteger().primaryKey(),
		atMs: safeInteger().notNull(),
		actor: text().notNull(),
		action: text().notNull(),
		subject: text().notNull(),
		details: jsonb().$type<AuditDetails>().notNull(),
		hash: text().notNull(),
	},
	(t) => [
		index("audit_log_by_outside_id")
			.on(t.subject, sql`(${t.details} ->> 'id')`)
			.where(sql`(${t.details} ->> 'id') is not null`),
	],
);
