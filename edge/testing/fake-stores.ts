import {
	type AuditEntry,
	type AuditEntryOnce,
	type AuditLog,
	type AuditRecord,
	saysSame,
} from "../../schemas/ports/audit-log.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { KeyValue } from "../../schemas/ports/key-value.ts";
import type { Channel, PubSub } from "../../schemas/ports/pubsub.ts";
import type { ApiKey, Totp, User, Users } from "../../schemas/ports/users.ts";

export class FakeKeyValue implements KeyValue {
	readonly entries = new Map<string, { value: string; untilMs: number }>();
	private readonly clock: Clock;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	async get(key: string): Promise<string | null> {
		return this.live(key);
	}

	async set(key: string, value: string, ttlMs: number): Promise<void> {
		this.entries.set(key, { value, untilMs: this.clock.monotonicMs() + ttlMs });
	}

	async replace(
		key: string,
		before: string | null,
		value: string,
		ttlMs: number,
	): Promise<boolean> {
		if (this.live(key) !== before) return false;
		await this.set(key, value, ttlMs);
		return true;
	}

	async renew(key: string, ttlMs: number): Promise<boolean> {
		const value = this.live(key);
		if (value !== null) await this.set(key, value, ttlMs);
		return value !== null;
	}

	async delete(key: string): Promise<void> {
		this.entries.delete(key);
	}

	async increment(key: string, by: number, ttlMs: number): Promise<number> {
		const current = this.live(key);
		const value = Number(current ?? "0") + by;
		if (current === null) await this.set(key, String(value), ttlMs);
		else this.entries.get(key)!.value = String(value);
		return value;
	}

	private live(key: string): string | null {
		const entry = this.entries.get(key);
		return entry === undefined || entry.untilMs <= this.clock.monotonicMs() ? null : entry.value;
	}
}

export class FakePubSub implements PubSub {
	private readonly lossHandlers = new Set<() => void>();
	private readonly handlers = new Map<string, Set<(message: never) => void>>();

	publish<M>(channel: Channel<M>, message: M): void {
		for (const handle of this.handlers.get(channel.name) ?? []) {
			(handle as (message: M) => void)(message);
		}
	}

	subscribe<M>(channel: Channel<M>, handle: (message: M) => void): () => void {
		const handlers = this.handlers.get(channel.name) ?? new Set();
		this.handlers.set(channel.name, handlers);
		handlers.add(handle);
		return () => handlers.delete(handle);
	}

	onLoss(handle: () => void): () => void {
		this.lossHandlers.add(handle);
		return () => this.lossHandlers.delete(handle);
	}

	/** Whoever listens is told that something may have been lost. */
	lose(): void {
		for (const handle of this.lossHandlers) handle();
	}
}

export class FakeUsers implements Users {
	readonly users: User[] = [];
	readonly totps = new Map<number, Totp>();
	keys: ApiKey[] = [];
	lookups = 0;

	async createUser(user: Omit<User, "userId" | "frozen">): Promise<User | null> {
		if (this.users.some(({ email }) => email === user.email)) return null;
		const created = { ...user, userId: this.users.length + 1, frozen: false };
		this.users.push(created);
		return created;
	}

	async userByEmail(email: string): Promise<User | null> {
		return this.users.find((user) => user.email === email) ?? null;
	}

	async userById(userId: number): Promise<User | null> {
		return this.users.find((user) => user.userId === userId) ?? null;
	}

	async setPassword(userId: number, before: string, passwordHash: string): Promise<boolean> {
		const index = this.users.findIndex((user) => user.userId === userId);
		const user = this.users[index];
		if (user?.passwordHash !== before) return false;
		this.users[index] = { ...user, passwordHash };
		return true;
	}

	async setFrozen(): Promise<boolean> {
		return false;
	}

	async totpOf(userId: number): Promise<Totp | null> {
		return this.totps.get(userId) ?? null;
	}

	async setTotp(userId: number, totp: Totp): Promise<boolean> {
		if (this.totps.has(userId)) return false;
		this.totps.set(userId, totp);
		return true;
	}

	async takeTotpStep(userId: number, sealedSecret: string, step: number): Promise<boolean> {
		const totp = this.totps.get(userId);
		if (totp?.sealedSecret !== sealedSecret || totp.lastStep >= step) return false;
		this.totps.set(userId, { ...totp, lastStep: step });
		return true;
	}

	async takeRecoveryCode(userId: number, hash: string): Promise<boolean> {
		const totp = this.totps.get(userId);
		if (totp === undefined || !totp.recoveryHashes.includes(hash)) return false;
		const recoveryHashes = totp.recoveryHashes.filter((one) => one !== hash);
		this.totps.set(userId, { ...totp, recoveryHashes });
		return true;
	}

	async setRecoveryCodes(
		userId: number,
		sealedSecret: string,
		recoveryHashes: readonly string[],
	): Promise<boolean> {
		const totp = this.totps.get(userId);
		if (totp?.sealedSecret !== sealedSecret) return false;
		this.totps.set(userId, { ...totp, recoveryHashes });
		return true;
	}

	async removeTotp(userId: number): Promise<boolean> {
		return this.totps.delete(userId);
	}

	async createKey(
		key: Omit<ApiKey, "keyId" | "generation" | "revoked">,
		most = Number.POSITIVE_INFINITY,
	): Promise<ApiKey | null> {
		const open = this.keys.filter((one) => one.userId === key.userId && !one.revoked);
		if (open.length >= most) return null;
		const created = { ...key, keyId: this.keys.length + 1, generation: 1, revoked: false };
		this.keys.push(created);
		return created;
	}

	async keyByText(apiKey: string): Promise<ApiKey | null> {
		this.lookups++;
		return this.keys.find((key) => key.apiKey === apiKey) ?? null;
	}

	async keysOf(userId: number): Promise<readonly ApiKey[]> {
		return this.keys.filter((key) => key.userId === userId);
	}

	async revokeKey(userId: number, keyId: number): Promise<ApiKey | null> {
		const key = this.keys.find((one) => one.keyId === keyId && one.userId === userId);
		if (key === undefined || key.revoked) return null;
		const revoked = { ...key, revoked: true, generation: key.generation + 1 };
		this.keys = this.keys.map((one) => (one === key ? revoked : one));
		return revoked;
	}
}

export class FakeAuditLog implements AuditLog {
	readonly records: AuditRecord[] = [];

	async append(entry: AuditEntry): Promise<AuditRecord> {
		const record = { ...entry, id: this.records.length + 1, hash: "" };
		this.records.push(record);
		return record;
	}

	async appendOnce(entry: AuditEntryOnce): Promise<void> {
		if (!this.records.some((record) => saysSame(record, entry))) await this.append(entry);
	}

	async read(): Promise<readonly AuditRecord[]> {
		return this.records;
	}
}
