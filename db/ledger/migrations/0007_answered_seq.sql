ALTER TABLE "positions" ADD COLUMN "answered_seq" bigint;--> statement-breakpoint
-- Before, no position was held back for an amend: what is held counts as answered.
UPDATE "positions" SET "answered_seq" = "held_seq";--> statement-breakpoint
ALTER TABLE "positions" ALTER COLUMN "answered_seq" SET NOT NULL;
