import { defineConfig } from "drizzle-kit";

/** `bunx drizzle-kit generate --config db/ledger/drizzle.config.ts` writes what the schema changed. */
export default defineConfig({
	dialect: "postgresql",
	schema: "./db/ledger/schema.ts",
	out: "./db/ledger/migrations",
	casing: "snake_case",
});
