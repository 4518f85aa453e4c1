-- A name of its own: who does not know of it must not take the text for the array that it read.
ALTER TABLE "open_orders" RENAME COLUMN "state" TO "document";--> statement-breakpoint
ALTER TABLE "open_orders" ALTER COLUMN "document" SET DATA TYPE text;