import { expect, test } from "bun:test";
import { WebSecretBox } from "./web-secret-box.ts";

const KEY = "00112233445566778899aabbccddeeff".repeat(2);

test("what is sealed opens, and never seals to the same text twice", async () => {
	const box = new WebSecretBox(KEY);
	const [first, second] = await Promise.all([box.seal("secret €"), box.seal("secret €")]);
	expect(first).not.toBe(second);
	expect(first).not.toContain("secret");
	expect(await new WebSecretBox(KEY.toUpperCase()).open(first)).toBe("secret €");
});

test("refuses what another key sealed, and what was changed", async () => {
	const sealed = await new WebSecretBox(KEY).seal("secret");
	expect(new WebSecretBox("11".repeat(32)).open(sealed)).rejects.toThrow("this key");
	const changed = `${sealed.slice(0, 20)}${sealed[20] === "A" ? "B" : "A"}${sealed.slice(21)}`;
	expect(new WebSecretBox(KEY).open(changed)).rejects.toThrow("this key");
	expect(new WebSecretBox(KEY).open("plain text")).rejects.toThrow("not a sealed secret");
	expect(new WebSecretBox(KEY).open("v1.AAAA")).rejects.toThrow("not a sealed secret");
});

test("refuses a key that is none", () => {
	expect(() => new WebSecretBox("abc")).toThrow("64 hex digits");
});
