import { and, asc, eq, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/postgres-js";
import { invariant } from "../../schemas/invariant.ts";
import type { ApiKey, Totp, User, Users } from "../../schemas/ports/users.ts";
import { textArrayText } from "./array-text.ts";
import type { PostgresSettings } from "./connection-settings.ts";
import { GatheredLookUps } from "./gathered-look-ups.ts";
import { PostgresPool, type RawClient } from "./postgres-pool.ts";
import { apiKeys, totps, users } from "./schema.ts";

const CONNECTIONS = 4;

const TOTP = {
	sealedSecret: totps.sealedSecret,
	lastStep: totps.lastStep,
	recoveryHashes: totps.recoveryHashes,
};

function ormOf(client: RawClient) {
	return drizzle(client, { casing: "snake_case" });
}

/**
 * Users, their second factors and keys in PostgreSQL. Migrations must have been applied.
 *
 * @throws LedgerUnavailable from every method
 */
export class PostgresUsers implements Users {
	private readonly pool: PostgresPool<ReturnType<typeof ormOf>>;
	/** A busy venue looks up hundreds of keys a second. */
	private readonly keyLookUps = new GatheredLookUps((texts) => this.keysByText(texts));

	constructor(settings: PostgresSettings) {
		this.pool = new PostgresPool(settings, CONNECTIONS, ormOf);
	}

	async createUser(user: Omit<User, "userId" | "frozen">): Promise<User | null> {
		const rows = await this.pool.run((db) =>
			db.insert(users).values(user).onConflictDoNothing({ target: users.email }).returning(),
		);
		return rows[0] ?? null;
	}

	async userByEmail(email: string): Promise<User | null> {
		const rows = await this.pool.run((db) => db.select().from(users).where(eq(users.email, email)));
		return rows[0] ?? null;
	}

	async userById(userId: number): Promise<User | null> {
		const rows = await this.pool.run((db) =>
			db.select().from(users).where(eq(users.userId, userId)),
		);
		return rows[0] ?? null;
	}

	async setPassword(userId: number, before: string, passwordHash: string): Promise<boolean> {
		const rows = await this.pool.run((db) =>
			db
				.update(users)
				.set({ passwordHash })
				.where(and(eq(users.userId, userId), eq(users.passwordHash, before)))
				.returning({ userId: users.userId }),
		);
		return rows.length === 1;
	}

	/** False when there is no such user. */
	async setFrozen(userId: number, frozen: boolean): Promise<boolean> {
		const rows = await this.pool.run((db) =>
			db
				.update(users)
				.set({ frozen })
				.where(eq(users.userId, userId))
				.returning({ userId: users.userId }),
		);
		return rows.length === 1;
	}

	async totpOf(userId: number): Promise<Totp | null> {
		const rows = await this.pool.run((db) =>
			db.select(TOTP).from(totps).where(eq(totps.userId, userId)),
		);
		return rows[0] ?? null;
	}

	async setTotp(userId: number, totp: Totp): Promise<boolean> {
		const values = { userId, ...totp, recoveryHashes: [...totp.recoveryHashes] };
		const rows = await this.pool.run((db) =>
			db.insert(totps).values(values).onConflictDoNothing().returning({ userId: totps.userId }),
		);
		return rows.length === 1;
	}

	async takeTotpStep(userId: number, sealedSecret: string, step: number): Promise<boolean> {
		const open = and(
			eq(totps.userId, userId),
			eq(totps.sealedSecret, sealedSecret),
			lt(totps.lastStep, step),
		);
		const rows = await this.pool.run((db) =>
			db.update(totps).set({ lastStep: step }).where(open).returning({ userId: totps.userId }),
		);
		return rows.length === 1;
	}

	async takeRecoveryCode(userId: number, hash: string): Promise<boolean> {
		const rows = await this.pool.run((db) =>
			db
				.update(totps)
				.set({ recoveryHashes: sql`array_remove(${totps.recoveryHashes}, ${hash})` })
				.where(and(eq(totps.userId, userId), sql`${hash} = any(${totps.recoveryHashes})`))
				.returning({ userId: totps.userId }),
		);
		return rows.length === 1;
	}

	async setRecoveryCodes(
		userId: number,
		sealedSecret: string,
		recoveryHashes: readonly string[],
	): Promise<boolean> {
		const rows = await this.pool.run((db) =>
			db
				.update(totps)
				.set({ recoveryHashes: [...recoveryHashes] })
				.where(and(eq(totps.userId, userId), eq(totps.sealedSecret, sealedSecret)))
				.returning({ userId: totps.userId }),
		);
		return rows.length === 1;
	}

	async removeTotp(userId: number): Promise<boolean> {
		const rows = await this.pool.run((db) =>
			db.delete(totps).where(eq(totps.userId, userId)).returning({ userId: totps.userId }),
		);
		return rows.length === 1;
	}

	async createKey(
		key: Omit<ApiKey, "keyId" | "generation" | "revoked">,
		most = Number.POSITIVE_INFINITY,
	): Promise<ApiKey | null> {
		const values = { ...key, scopes: [...key.scopes], ips: [...key.ips] };
		const mine = and(eq(apiKeys.userId, key.userId), eq(apiKeys.revoked, false));
		return await this.pool.run((db) =>
			db.transaction(async (tx) => {
				// Who makes keys for the same user waits here, so that each counts those before it.
				await tx
					.select({ userId: users.userId })
					.from(users)
					.where(eq(users.userId, key.userId))
					.for("no key update");
				if ((await tx.$count(apiKeys, mine)) >= most) return null;
				const [created] = await tx.insert(apiKeys).values(values).returning();
				invariant(created !== undefined, "the new key did not come back");
				return created;
			}),
		);
	}

	keyByText(apiKey: string): Promise<ApiKey | null> {
		return this.keyLookUps.find(apiKey);
	}

	keysOf(userId: number): Promise<readonly ApiKey[]> {
		return this.pool.run((db) =>
			db.select().from(apiKeys).where(eq(apiKeys.userId, userId)).orderBy(asc(apiKeys.keyId)),
		);
	}

	async revokeKey(userId: number, keyId: number): Promise<ApiKey | null> {
		const mine = and(
			eq(apiKeys.keyId, keyId),
			eq(apiKeys.userId, userId),
			eq(apiKeys.revoked, false),
		);
		const rows = await this.pool.run((db) =>
			db
				.update(apiKeys)
				.set({ revoked: true, generation: sql`${apiKeys.generation} + 1` })
				.where(mine)
				.returning(),
		);
		return rows[0] ?? null;
	}

	private async keysByText(texts: readonly string[]): Promise<ReadonlyMap<string, ApiKey>> {
		const rows = await this.pool.run((db) =>
			db
				.select()
				.from(apiKeys)
				.where(sql`${apiKeys.apiKey} = any(${textArrayText(texts)}::text::text[])`),
		);
		return new Map(rows.map((key) => [key.apiKey, key]));
	}

	close(): Promise<void> {
		return this.pool.close();
	}
}
