CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"runs_out_at" timestamp with time zone NOT NULL
);
