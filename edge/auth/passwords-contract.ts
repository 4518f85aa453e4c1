import { describe, expect, test } from "bun:test";
import type { Passwords } from "../../schemas/ports/crypto.ts";

const PASSWORD = "correct horse battery staple";
/** A hash that ends before its digest. */
const CUT_OFF = "$argon2id$v=19$m=19456,t=2,p=1$T3RoZXJTYWx0T3RoZXJTYQ$";
const PHC = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;

/** What every implementation of Passwords does; `other` is another implementation. */
export function passwordsContract(
	name: string,
	make: () => Passwords,
	other: () => Passwords,
): void {
	describe(`${name}: passwords`, () => {
		const passwords = make();

		test("argon2id with 19 MiB and two passes, salted anew each time", async () => {
			const [first, second] = await Promise.all([
				passwords.hash(PASSWORD),
				passwords.hash(PASSWORD),
			]);
			expect(first).toMatch(PHC);
			expect(first).not.toBe(second!);
			expect(await passwords.verify(PASSWORD, first!)).toBe(true);
			expect(await passwords.verify(`${PASSWORD} `, first!)).toBe(false);
		});

		test("verifies what the other made", async () => {
			const stored = await other().hash(PASSWORD);
			expect(await passwords.verify(PASSWORD, stored)).toBe(true);
			expect(await passwords.verify("another password", stored)).toBe(false);
		});

		test("what is no hash is nobody's password", async () => {
			for (const stored of ["", "x", CUT_OFF, "$2b$10$abc", "$argon2id$v=19$"]) {
				expect(await passwords.verify(PASSWORD, stored)).toBe(false);
			}
		});

		test("more than run at once wait their turn", async () => {
			const stored = await passwords.hash(PASSWORD);
			const all = await Promise.all(
				Array.from({ length: 6 }, (_, i) =>
					passwords.verify(i % 2 === 0 ? PASSWORD : "no", stored),
				),
			);
			expect(all).toEqual([true, false, true, false, true, false]);
		});
	});
}
