import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VenueKeyDamaged, venueKey } from "./venue-key.ts";

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "castle-key-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

let given = 0;
const random = {
	bytes(count: number) {
		given += 1;
		return new Uint8Array(count).fill(given);
	},
};

test("it is made once, of 32 random bytes, and readable by its owner alone", () => {
	const key = venueKey(folder, random);
	expect(key).toBe(given.toString(16).padStart(2, "0").repeat(32));
	expect(venueKey(folder, random)).toBe(key);
	expect(statSync(join(folder, "secret.key")).mode & 0o777).toBe(0o600);
	expect(readdirSync(folder)).toEqual(["secret.key"]);
});

test("a key that others may read is closed to them", () => {
	const key = "ab".repeat(32);
	writeFileSync(join(folder, "secret.key"), `${key}\n`, { mode: 0o644 });
	expect(venueKey(folder, random)).toBe(key);
	expect(statSync(join(folder, "secret.key")).mode & 0o777).toBe(0o600);
});

test("what a killed first start left half-written is not taken for the key", () => {
	writeFileSync(join(folder, "secret.key.tmp"), "ab");
	expect(venueKey(folder, random)).toHaveLength(64);
});

test.each(["", "ab", "zz".repeat(32), "ab".repeat(33)])("%p is no key", (text) => {
	writeFileSync(join(folder, "secret.key"), text);
	expect(() => venueKey(folder, random)).toThrow(VenueKeyDamaged);
});

test("missing where there is a ledger already, it is not made anew: what it sealed could not be opened", () => {
	mkdirSync(join(folder, "postgres/cluster"), { recursive: true });
	expect(() => venueKey(folder, random)).toThrow(/secret\.key is missing, .*: put it back/);
	expect(readdirSync(folder)).toEqual(["postgres"]);
	writeFileSync(join(folder, "secret.key"), "ab".repeat(32));
	expect(venueKey(folder, random)).toBe("ab".repeat(32));
});
