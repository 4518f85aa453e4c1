CREATE TABLE "symbol_prices" (
	"shard" integer NOT NULL,
	"symbol_id" integer NOT NULL,
	"bid_ticks" bigint NOT NULL,
	"ask_ticks" bigint NOT NULL,
	"last_ticks" bigint NOT NULL,
	"last_trade_id" bigint NOT NULL,
	CONSTRAINT "symbol_prices_shard_symbol_id_pk" PRIMARY KEY("shard","symbol_id")
);
