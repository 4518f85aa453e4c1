CREATE TABLE "venue_numbers" (
	"id" smallint PRIMARY KEY NOT NULL,
	"partitions" integer NOT NULL,
	"account_shards" integer NOT NULL,
	CONSTRAINT "venue_numbers_one_row" CHECK ("venue_numbers"."id" = 1)
);
