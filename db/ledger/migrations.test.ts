/** Processes of the version before run on while a migration is made, and after it: docs/runbooks/upgrade.md. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dir, "migrations");

/** What a process that does not know of it never notices. */
const UNNOTICED = [
	/^create table "/,
	/^create index /,
	/^alter table "\w+" add column (?!.* (not null|unique|check|references|primary key)\b)/,
	/^alter table "\w+" add column "\w+" [\w()[\], ]+ default \S+ not null$/,
	/^alter table "\w+" alter column "\w+" (set default .+|drop not null)$/,
];

/** The first two made what they change; no process ran before them. */
const BEGINNING = ["0000_ledger", "0001_append_only"];

/** Everything else, by its migration, and why it may be there all the same. */
const LISTED: Readonly<Record<string, { readonly why: string; readonly statements: number }>> = {
	"0003_lease_beats": { why: "before the first release", statements: 3 },
	"0011_order_documents": { why: "CHANGELOG.md: account workers of before end", statements: 2 },
	"0013_totps": { why: "the key is the new table's, and no user is ever deleted", statements: 1 },
	"0010_outside_may_owe": { why: "it allows more than before", statements: 2 },
	"0007_answered_seq": { why: "0008 gives the column a default", statements: 2 },
};

/** Statements that a process of before may notice. */
function noticed(sql: string): string[] {
	return sql
		.replaceAll("--> statement-breakpoint", "\n")
		.replaceAll(/^\s*--.*$/gm, "")
		.split(/;\s*$/m)
		.map((statement) => statement.trim().replaceAll(/\s+/g, " ").toLowerCase())
		.filter((statement) => statement !== "" && !UNNOTICED.some((form) => form.test(statement)));
}

const journal: { readonly entries: readonly { readonly tag: string; readonly when: number }[] } =
	JSON.parse(readFileSync(join(FOLDER, "meta/_journal.json"), "utf8"));
const tags = journal.entries.map(({ tag }) => tag);
const later = tags.filter((tag) => !BEGINNING.includes(tag));

test.each(later)("%s: a process that does not know of it runs on, or it is said why not", (tag) => {
	const statements = noticed(readFileSync(join(FOLDER, `${tag}.sql`), "utf8"));
	expect(statements).toHaveLength(LISTED[tag]?.statements ?? 0);
});

describe("noticed is", () => {
	test.each([
		['ALTER TABLE "a" ADD COLUMN "b" bigint NOT NULL;', 1],
		['ALTER TABLE "a" ADD COLUMN "b" bigint;', 0],
		['ALTER TABLE "a" ADD COLUMN "b" numeric(40, 0);', 0],
		['ALTER TABLE "a" ADD COLUMN "b" text[] NOT NULL;', 1],
		['ALTER TABLE "a" ADD COLUMN "b" text UNIQUE;', 1],
		['ALTER TABLE "a" ADD COLUMN "b" numeric(40, 0) DEFAULT 0 NOT NULL;', 0],
		['ALTER TABLE "a" ALTER COLUMN "b" SET NOT NULL;', 1],
		['ALTER TABLE "a" ALTER COLUMN "b" DROP DEFAULT;', 1],
		['ALTER TABLE "a" DROP COLUMN "b";', 1],
		['ALTER TABLE "a" RENAME COLUMN "b" TO "c";', 1],
		['ALTER TABLE "a" RENAME TO "b";', 1],
		['ALTER TABLE "a" ALTER COLUMN "b" SET DATA TYPE text;', 1],
		['ALTER TABLE "a" ADD CONSTRAINT "c" CHECK ("a"."b" > 0);', 1],
		['CREATE UNIQUE INDEX "i" ON "a" USING btree ("b");', 1],
		['DROP TABLE "a";', 1],
		['CREATE TABLE "a" (\n\t"b" text NOT NULL\n);\n', 0],
		['-- Why.\nALTER TABLE "a" ADD COLUMN "b" bigint;--> statement-breakpoint\nDROP TABLE "c";', 1],
	] as const)("%j: %d", (sql, count) => {
		expect(noticed(sql)).toHaveLength(count);
	});
});

test("every file is in the journal, and each is of a later time: an earlier one is never made", () => {
	const files = readdirSync(FOLDER).filter((name) => name.endsWith(".sql"));
	expect(files.sort()).toEqual(tags.map((tag) => `${tag}.sql`));
	const times = journal.entries.map(({ when }) => when);
	expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
});
