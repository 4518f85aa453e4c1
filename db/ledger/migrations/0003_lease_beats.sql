DELETE FROM "leases";
--> statement-breakpoint
ALTER TABLE "leases" ADD COLUMN "beats" bigint NOT NULL;
--> statement-breakpoint
ALTER TABLE "leases" DROP COLUMN "runs_out_at";
