import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Users } from "../../../schemas/ports/users.ts";

/** Users under test. */
export interface UsersSubject {
	readonly users: Users;
	close(): Promise<void>;
}

/** What every `Users` must do. */
export function usersContract(name: string, open: () => Promise<UsersSubject>): void {
	describe(`${name} keeps the contract of users`, () => {
		let subject: UsersSubject;
		beforeAll(async () => {
			subject = await open();
		}, 60_000);
		afterAll(() => subject.close());

		let lastUser = 0;
		async function freshUser() {
			lastUser += 1;
			const user = await subject.users.createUser({
				email: `u${lastUser}@example.com`,
				passwordHash: "$argon2id$x",
				createdAtMs: 1_700_000_000_123,
			});
			return user!;
		}

		function newKey(userId: number, apiKey: string) {
			return {
				userId,
				apiKey,
				type: "ed25519" as const,
				material: "-----BEGIN PUBLIC KEY-----\nx\n",
				label: 'my "bot"',
				scopes: ["read" as const, "trade" as const],
				ips: ["10.0.0.1", "::1"],
				createdAtMs: 1_700_000_000_456,
			};
		}

		test("the first user is number 1, and an address is taken once", async () => {
			const user = await freshUser();
			expect(user).toEqual({
				userId: 1,
				email: "u1@example.com",
				passwordHash: "$argon2id$x",
				frozen: false,
				createdAtMs: 1_700_000_000_123,
			});
			expect(await subject.users.createUser({ ...user, passwordHash: "other" })).toBeNull();
			expect((await freshUser()).userId).toBeGreaterThan(1);
		});

		test("users are found by address and id, and none where there is none", async () => {
			const { users } = subject;
			const user = await freshUser();
			expect(await users.userByEmail(user.email)).toEqual(user);
			expect(await users.userById(user.userId)).toEqual(user);
			expect(await users.userByEmail("nobody@example.com")).toBeNull();
			expect(await users.userById(999_999)).toBeNull();
		});

		test("a user can be frozen and thawed", async () => {
			const { users } = subject;
			const { userId } = await freshUser();
			expect(await users.setFrozen(userId, true)).toBe(true);
			expect((await users.userById(userId))?.frozen).toBe(true);
			expect(await users.setFrozen(userId, false)).toBe(true);
			expect((await users.userById(userId))?.frozen).toBe(false);
			expect(await users.setFrozen(999_999, true)).toBe(false);
		});

		test("a password is replaced where it is still the one before", async () => {
			const { users } = subject;
			const { userId, passwordHash } = await freshUser();
			const other = await freshUser();
			expect(await users.setPassword(userId, "not it", "h2")).toBe(false);
			expect(await users.setPassword(999_999, passwordHash, "h2")).toBe(false);
			const both = ["h2", "h3"].map((next) => users.setPassword(userId, passwordHash, next));
			expect((await Promise.all(both)).sort()).toEqual([false, true]);
			expect((await users.userById(userId))?.passwordHash).toMatch(/^h[23]$/);
			expect(await users.userById(other.userId)).toEqual(other);
		});

		const TOTP = { sealedSecret: "v1.sealed", lastStep: 100, recoveryHashes: ["a1", "b2", "c3"] };

		test("a second factor is set where there is none, comes back whole, and is removed", async () => {
			const { users } = subject;
			const [{ userId }, other] = [await freshUser(), await freshUser()];
			expect(await users.totpOf(userId)).toBeNull();
			expect(await users.removeTotp(userId)).toBe(false);
			const both = ["v1.x", "v1.y"].map((sealedSecret) =>
				users.setTotp(userId, { ...TOTP, sealedSecret }),
			);
			expect((await Promise.all(both)).sort()).toEqual([false, true]);
			expect(await users.totpOf(userId)).toMatchObject({
				lastStep: 100,
				recoveryHashes: ["a1", "b2", "c3"],
			});
			expect(await users.setTotp(other.userId, TOTP)).toBe(true);
			expect(await users.removeTotp(userId)).toBe(true);
			expect(await users.totpOf(userId)).toBeNull();
			expect(await users.totpOf(other.userId)).toEqual(TOTP);
			expect(await users.setTotp(userId, { ...TOTP, recoveryHashes: [] })).toBe(true);
			expect(await users.totpOf(userId)).toEqual({ ...TOTP, recoveryHashes: [] });
		});

		test("a time step is taken once, by many at once too, and none after a later one", async () => {
			const { users } = subject;
			const [{ userId }, other] = [await freshUser(), await freshUser()];
			expect(await users.takeTotpStep(userId, TOTP.sealedSecret, 101)).toBe(false);
			await users.setTotp(userId, TOTP);
			await users.setTotp(other.userId, TOTP);
			expect(await users.takeTotpStep(userId, "v1.another", 101)).toBe(false);
			expect(await users.takeTotpStep(userId, TOTP.sealedSecret, 100)).toBe(false);
			const many = [1, 2, 3, 4].map(() => users.takeTotpStep(userId, TOTP.sealedSecret, 102));
			expect((await Promise.all(many)).sort()).toEqual([false, false, false, true]);
			expect(await users.takeTotpStep(userId, TOTP.sealedSecret, 101)).toBe(false);
			expect(await users.takeTotpStep(userId, TOTP.sealedSecret, 103)).toBe(true);
			expect(await users.totpOf(userId)).toEqual({ ...TOTP, lastStep: 103 });
			expect(await users.totpOf(other.userId)).toEqual(TOTP);
		});

		test("a recovery code is taken once, by many at once too", async () => {
			const { users } = subject;
			const [{ userId }, other] = [await freshUser(), await freshUser()];
			expect(await users.takeRecoveryCode(userId, "a1")).toBe(false);
			await users.setTotp(userId, TOTP);
			await users.setTotp(other.userId, TOTP);
			expect(await users.takeRecoveryCode(userId, "d4")).toBe(false);
			const many = ["b2", "b2", "b2", "c3"].map((hash) => users.takeRecoveryCode(userId, hash));
			const [b1, b2, b3, c] = await Promise.all(many);
			expect([[b1, b2, b3].sort(), c]).toEqual([[false, false, true], true]);
			expect(await users.totpOf(userId)).toEqual({ ...TOTP, recoveryHashes: ["a1"] });
			expect(await users.totpOf(other.userId)).toEqual(TOTP);
		});

		test("recovery codes take the place of all before, where the secret is still that one", async () => {
			const { users } = subject;
			const [{ userId }, other] = [await freshUser(), await freshUser()];
			expect(await users.setRecoveryCodes(userId, TOTP.sealedSecret, ["d4"])).toBe(false);
			await users.setTotp(userId, TOTP);
			await users.setTotp(other.userId, TOTP);
			expect(await users.setRecoveryCodes(userId, "v1.another", ["d4"])).toBe(false);
			expect(await users.totpOf(userId)).toEqual(TOTP);
			expect(await users.setRecoveryCodes(userId, TOTP.sealedSecret, ["d4", "e5"])).toBe(true);
			expect(await users.totpOf(userId)).toEqual({ ...TOTP, recoveryHashes: ["d4", "e5"] });
			expect(await users.totpOf(other.userId)).toEqual(TOTP);
		});

		test("a key comes back whole, at generation 1", async () => {
			const { users } = subject;
			const { userId } = await freshUser();
			const key = (await users.createKey(newKey(userId, "k-whole")))!;
			expect(key).toEqual({
				...newKey(userId, "k-whole"),
				keyId: key.keyId,
				generation: 1,
				revoked: false,
			});
			const open = (await users.createKey({ ...newKey(userId, "k-open"), ips: [], type: "hmac" }))!;
			expect(await users.keyByText("k-whole")).toEqual(key);
			expect(await users.keyByText("k-none")).toBeNull();
			expect(await users.keysOf(userId)).toEqual([key, open]);
			expect(await users.keysOf(999_999)).toEqual([]);
		});

		test("a key beyond the bound is not made, though many are at once; revoked ones do not count", async () => {
			const { users } = subject;
			const { userId } = await freshUser();
			const many = Array.from({ length: 6 }, (_, n) =>
				users.createKey(newKey(userId, `k-bound-${n}`), 2),
			);
			const made = (await Promise.all(many)).filter((key) => key !== null);
			expect(made).toHaveLength(2);
			expect(await users.keysOf(userId)).toHaveLength(2);
			await users.revokeKey(userId, made[0]!.keyId);
			expect(await users.createKey(newKey(userId, "k-bound-again"), 2)).not.toBeNull();
			expect(await users.createKey(newKey(userId, "k-bound-more"), 2)).toBeNull();
		});

		test("revoking raises the generation, once, for the owner only", async () => {
			const { users } = subject;
			const { userId } = await freshUser();
			const other = await freshUser();
			const key = (await users.createKey(newKey(userId, "k-revoke")))!;
			expect(await users.revokeKey(other.userId, key.keyId)).toBeNull();
			expect(await users.revokeKey(userId, 999_999)).toBeNull();
			const revoked = await users.revokeKey(userId, key.keyId);
			expect(revoked).toEqual({ ...key, revoked: true, generation: 2 });
			expect(await users.revokeKey(userId, key.keyId)).toBeNull();
			expect(await users.keyByText("k-revoke")).toEqual(revoked);
		});
	});
}
