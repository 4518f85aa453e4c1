import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { OPERATOR_ACTIONS } from "./actions.ts";

/** What is wrong with a command's flags, as the listener says it. */
function faults(name: string, flags: Readonly<Record<string, string>>): string[] {
	const wanted = OPERATOR_ACTIONS.get(name);
	if (wanted === undefined) throw new Error(`there is no command ${name}`);
	const parsed = v.safeParse(wanted.flags, flags);
	return (parsed.issues ?? []).map((issue) => `--${v.getDotPath(issue)} ${issue.message}`);
}

describe("flags of a command", () => {
	test.each([...OPERATOR_ACTIONS.keys()])("%s: one that it does not have is refused", (name) => {
		expect(faults(name, { "takr-ppm": "0" })).toContain("--takr-ppm is no flag of this command");
	});

	test("one that is not given is said to be missing", () => {
		expect(faults("user freeze", {})).toEqual(["--user is missing"]);
		expect(faults("deposit", { user: "1", asset: "USDT", amount: "1" })).toEqual([
			"--id is missing",
		]);
		expect(faults("user create", { email: "ada@example.com" })).toEqual(["--password is missing"]);
	});

	test("a number that is none is named as what it should be", () => {
		expect(faults("key revoke", { user: "1", key: "x" })).toEqual([
			"--key must be a key's number, as `key list` has it",
		]);
		expect(faults("balances", { user: "0" })).toEqual(["--user must be a user's number"]);
	});
});
