import { describe, expect, test } from "bun:test";
import { fakeServices } from "../testing/fake-services.ts";
import {
	isTotpCode,
	newRecoveryCodes,
	newTotpSecret,
	plainCode,
	totpStep,
	totpUri,
} from "./totp.ts";

/** "12345678901234567890": the secret of RFC 6238's test vectors. */
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

describe("a code", () => {
	test.each([
		[59, "287082", 1],
		[1_111_111_109, "081804", 37_037_036],
		[1_111_111_111, "050471", 37_037_037],
		[1_234_567_890, "005924", 41_152_263],
		[2_000_000_000, "279037", 66_666_666],
		[20_000_000_000, "353130", 666_666_666],
	])("at %d s is that of RFC 6238", (seconds, code, step) => {
		expect(totpStep(SECRET, code, seconds * 1_000)).toBe(step);
	});

	test("is taken one step before its own and one after, no further", () => {
		const [code, step] = ["050471", 37_037_037];
		for (const [apart, taken] of [
			...([
				[-2, null],
				[-1, step],
				[0, step],
			] as const),
			...([
				[1, step],
				[2, null],
			] as const),
		]) {
			for (const atMs of [(step + apart) * 30_000, (step + apart) * 30_000 + 29_999]) {
				expect([apart, totpStep(SECRET, code, atMs)]).toEqual([apart, taken]);
			}
		}
	});

	test("of another secret, or that is none, is of no step", () => {
		for (const code of ["050472", "50471", "0050471", "", "abcdef", "٠٥٠٤٧١"]) {
			expect(totpStep(SECRET, code, 1_111_111_111_000)).toBeNull();
		}
		expect(totpStep(SECRET.replace("G", "H"), "050471", 1_111_111_111_000)).toBeNull();
	});

	test("is of an app or for recovery, however it is typed", () => {
		expect(plainCode(" 050 471\n")).toBe("050471");
		expect(plainCode("abcd-EFGH-2345 mnop")).toBe("ABCDEFGH2345MNOP");
		for (const [plain, isOfApp] of [
			...([
				["050471", true],
				["05047", false],
				["0504711", false],
			] as const),
			...([
				["ABCDEFGH2345MNOP", false],
				["", false],
			] as const),
		]) {
			expect([plain, isTotpCode(plain)]).toEqual([plain, isOfApp]);
		}
	});
});

test("a secret has 160 bits, and the link has all that an app needs", () => {
	const secret = newTotpSecret(fakeServices().random);
	expect(secret).toMatch(/^[A-Z2-7]{32}$/);
	const uri = new URL(totpUri(secret, "ann+b@example.com"));
	expect(uri.href).toStartWith("otpauth://totp/Castle:ann%2Bb%40example.com?");
	expect(Object.fromEntries(uri.searchParams)).toEqual({
		...{ issuer: "Castle", secret, algorithm: "SHA1", digits: "6", period: "30" },
	});
});

test("recovery codes are ten, each another, of 80 bits", () => {
	const codes = newRecoveryCodes(fakeServices().random);
	expect(new Set(codes).size).toBe(10);
	for (const code of codes) expect(code).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/);
});
