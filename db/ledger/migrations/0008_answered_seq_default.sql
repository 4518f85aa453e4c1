-- For account workers of before 0007, which do not name it, and end where a row has none.
ALTER TABLE "positions" ALTER COLUMN "answered_seq" SET DEFAULT 0;
