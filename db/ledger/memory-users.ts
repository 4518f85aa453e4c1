import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import type { ApiKey, Totp, User, Users } from "../../schemas/ports/users.ts";
import type { MemoryDatabase } from "./memory-database.ts";

/** Users, their second factors and keys of a simulation: deterministic, asynchronous by the scheduler alone. */
export class MemoryUsers implements Users {
	private readonly database: MemoryDatabase;
	private readonly scheduler: Scheduler;

	constructor(database: MemoryDatabase, scheduler: Scheduler) {
		this.database = database;
		this.scheduler = scheduler;
	}

	createUser(user: Omit<User, "userId" | "frozen">): Promise<User | null> {
		return this.answer(() => {
			const { users } = this.database;
			if (users.some((other) => other.email === user.email)) return null;
			const created = { ...user, userId: users.length + 1, frozen: false };
			users.push(created);
			return created;
		});
	}

	userByEmail(email: string): Promise<User | null> {
		return this.answer(() => this.database.users.find((user) => user.email === email) ?? null);
	}

	userById(userId: number): Promise<User | null> {
		return this.answer(() => this.database.users[userId - 1] ?? null);
	}

	setPassword(userId: number, before: string, passwordHash: string): Promise<boolean> {
		return this.answer(() => {
			const user = this.database.users[userId - 1];
			if (user?.passwordHash !== before) return false;
			this.database.users[userId - 1] = { ...user, passwordHash };
			return true;
		});
	}

	setFrozen(userId: number, frozen: boolean): Promise<boolean> {
		return this.answer(() => {
			const user = this.database.users[userId - 1];
			if (user === undefined) return false;
			this.database.users[userId - 1] = { ...user, frozen };
			return true;
		});
	}

	totpOf(userId: number): Promise<Totp | null> {
		return this.answer(() => this.database.totps.get(userId) ?? null);
	}

	setTotp(userId: number, totp: Totp): Promise<boolean> {
		return this.answer(() => {
			const { totps } = this.database;
			if (totps.has(userId)) return false;
			totps.set(userId, totp);
			return true;
		});
	}

	takeTotpStep(userId: number, sealedSecret: string, step: number): Promise<boolean> {
		return this.answer(() => {
			const totp = this.database.totps.get(userId);
			if (totp?.sealedSecret !== sealedSecret || totp.lastStep >= step) return false;
			this.database.totps.set(userId, { ...totp, lastStep: step });
			return true;
		});
	}

	takeRecoveryCode(userId: number, hash: string): Promise<boolean> {
		return this.answer(() => {
			const totp = this.database.totps.get(userId);
			if (totp === undefined || !totp.recoveryHashes.includes(hash)) return false;
			const recoveryHashes = totp.recoveryHashes.filter((one) => one !== hash);
			this.database.totps.set(userId, { ...totp, recoveryHashes });
			return true;
		});
	}

	setRecoveryCodes(
		userId: number,
		sealedSecret: string,
		recoveryHashes: readonly string[],
	): Promise<boolean> {
		return this.answer(() => {
			const totp = this.database.totps.get(userId);
			if (totp?.sealedSecret !== sealedSecret) return false;
			this.database.totps.set(userId, { ...totp, recoveryHashes });
			return true;
		});
	}

	removeTotp(userId: number): Promise<boolean> {
		return this.answer(() => this.database.totps.delete(userId));
	}

	createKey(
		key: Omit<ApiKey, "keyId" | "generation" | "revoked">,
		most = Number.POSITIVE_INFINITY,
	): Promise<ApiKey | null> {
		return this.answer(() => {
			const { apiKeys } = this.database;
			const open = apiKeys.filter((one) => one.userId === key.userId && !one.revoked);
			if (open.length >= most) return null;
			const created = { ...key, keyId: apiKeys.length + 1, generation: 1, revoked: false };
			apiKeys.push(created);
			return created;
		});
	}

	keyByText(apiKey: string): Promise<ApiKey | null> {
		return this.answer(() => this.database.apiKeys.find((key) => key.apiKey === apiKey) ?? null);
	}

	keysOf(userId: number): Promise<readonly ApiKey[]> {
		return this.answer(() => this.database.apiKeys.filter((key) => key.userId === userId));
	}

	revokeKey(userId: number, keyId: number): Promise<ApiKey | null> {
		return this.answer(() => {
			const key = this.database.apiKeys[keyId - 1];
			if (key === undefined || key.userId !== userId || key.revoked) return null;
			const revoked = { ...key, revoked: true, generation: key.generation + 1 };
			this.database.apiKeys[keyId - 1] = revoked;
			return revoked;
		});
	}

	private answer<T>(work: () => T): Promise<T> {
		return new Promise((resolve) => this.scheduler.soon(() => resolve(work())));
	}
}
