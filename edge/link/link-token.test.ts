import { expect, test } from "bun:test";
import { showsLinkToken } from "./link-token.ts";

function shows(authorization: string | null, token = "s3cret"): boolean {
	const headers = new Headers(authorization === null ? {} : { authorization });
	return showsLinkToken(headers, token);
}

test("only the very token opens a link", () => {
	expect(shows("Bearer s3cret")).toBe(true);
	for (const wrong of [
		null,
		"",
		"Bearer",
		"Bearer s3cre",
		"Bearer s3crett",
		"Bearer s3creT",
		"s3cret",
	]) {
		expect(shows(wrong)).toBe(false);
	}
});

test("an empty token is none: nobody gets in with it", () => {
	for (const shown of [null, "", "Bearer", "Bearer "]) expect(shows(shown, "")).toBe(false);
});
