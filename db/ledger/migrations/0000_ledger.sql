CREATE TABLE "api_keys" (
	"key_id" bigserial PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"api_key" text NOT NULL,
	"type" text NOT NULL,
	"material" text NOT NULL,
	"label" text NOT NULL,
	"scopes" text[] NOT NULL,
	"ips" text[] NOT NULL,
	"generation" smallint DEFAULT 1 NOT NULL,
	"revoked" boolean DEFAULT false NOT NULL,
	"created_at_ms" bigint NOT NULL,
	CONSTRAINT "api_keys_api_key" UNIQUE("api_key")
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY NOT NULL,
	"at_ms" bigint NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"details" jsonb NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "balances" (
	"shard" integer NOT NULL,
	"account_id" bigint NOT NULL,
	"asset_id" integer NOT NULL,
	"available" numeric(40, 0) NOT NULL,
	"held" numeric(40, 0) NOT NULL,
	CONSTRAINT "balances_shard_account_id_asset_id_pk" PRIMARY KEY("shard","account_id","asset_id"),
	CONSTRAINT "balances_held_not_negative" CHECK ("balances"."held" >= 0),
	CONSTRAINT "balances_available_not_negative" CHECK ("balances"."available" >= 0 or "balances"."account_id" <= -100)
);
--> statement-breakpoint
CREATE TABLE "external_ids" (
	"shard" integer NOT NULL,
	"user_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"external_id" text NOT NULL,
	"asset_id" integer NOT NULL,
	"amount" numeric(40, 0) NOT NULL,
	"partition" integer NOT NULL,
	"seq" bigint NOT NULL,
	"done_at_ms" bigint NOT NULL,
	CONSTRAINT "external_ids_shard_user_id_kind_external_id_pk" PRIMARY KEY("shard","user_id","kind","external_id")
);
--> statement-breakpoint
CREATE TABLE "open_orders" (
	"shard" integer NOT NULL,
	"partition" integer NOT NULL,
	"seq" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"hold_asset_id" integer NOT NULL,
	"held_amount" numeric(40, 0) NOT NULL,
	"state" jsonb NOT NULL,
	CONSTRAINT "open_orders_shard_partition_seq_pk" PRIMARY KEY("shard","partition","seq"),
	CONSTRAINT "open_orders_held_not_negative" CHECK ("open_orders"."held_amount" >= 0)
);
--> statement-breakpoint
CREATE TABLE "positions" (
	"shard" integer NOT NULL,
	"partition" integer NOT NULL,
	"orders_offset" bigint NOT NULL,
	"orders_epoch" bigint NOT NULL,
	"orders_seq" bigint NOT NULL,
	"held_seq" bigint NOT NULL,
	"trades_offset" bigint NOT NULL,
	"ev_seq" bigint NOT NULL,
	"hash" text NOT NULL,
	"last_ts" bigint NOT NULL,
	CONSTRAINT "positions_shard_partition_pk" PRIMARY KEY("shard","partition")
);
--> statement-breakpoint
CREATE TABLE "recent_client_ids" (
	"shard" integer NOT NULL,
	"user_id" bigint NOT NULL,
	"client_order_id" text NOT NULL,
	"finished_at_ms" bigint NOT NULL,
	CONSTRAINT "recent_client_ids_shard_user_id_client_order_id_pk" PRIMARY KEY("shard","user_id","client_order_id")
);
--> statement-breakpoint
CREATE TABLE "shards" (
	"shard" integer PRIMARY KEY NOT NULL,
	"epoch" bigint NOT NULL,
	"batch" bigint NOT NULL,
	"config" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "transfers" (
	"shard" integer NOT NULL,
	"partition" integer NOT NULL,
	"ev_seq" bigint NOT NULL,
	"n" integer NOT NULL,
	"kind" text NOT NULL,
	"account_id" bigint NOT NULL,
	"counter_account_id" bigint NOT NULL,
	"debit_asset_id" integer NOT NULL,
	"debit_amount" numeric(40, 0) NOT NULL,
	"credit_asset_id" integer NOT NULL,
	"credit_amount" numeric(40, 0) NOT NULL,
	"fee_amount" numeric(40, 0) NOT NULL,
	"symbol_id" integer NOT NULL,
	"trade_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"external_id" text NOT NULL,
	"ts" bigint NOT NULL,
	CONSTRAINT "transfers_shard_partition_ev_seq_n_pk" PRIMARY KEY("shard","partition","ev_seq","n")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"user_id" bigserial PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"password_hash" text NOT NULL,
	"frozen" boolean DEFAULT false NOT NULL,
	"created_at_ms" bigint NOT NULL,
	CONSTRAINT "users_email_unique" UNIQUE("email")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_users_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_by_user" ON "api_keys" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "recent_client_ids_by_age" ON "recent_client_ids" USING btree ("shard","finished_at_ms");