import { afterAll, beforeAll, expect, setSystemTime, test } from "bun:test";
import { iamTokens } from "./iam-tokens.ts";
import { AWS_KEYS, giveAwsKeys } from "./testing/aws-keys.ts";

let takeKeys: () => void;
beforeAll(() => {
	takeKeys = giveAwsKeys();
});
afterAll(() => {
	setSystemTime();
	takeKeys();
});

const AURORA = {
	host: "castle.cluster-abc.eu-central-1.rds.amazonaws.com",
	port: 5433,
	user: "castle",
	region: "eu-central-1",
};

function parts(token: string): Record<string, string> {
	return Object.fromEntries(new URL(`https://${token}`).searchParams);
}

test("a token names address, user and region, is good for 15 minutes, and has no scheme", async () => {
	setSystemTime(new Date("2026-05-06T07:08:09Z"));
	const token = await iamTokens(AURORA)();
	expect(token).toStartWith(`${AURORA.host}:5433/?`);
	expect(parts(token)).toMatchObject({
		Action: "connect",
		DBUser: "castle",
		"X-Amz-Expires": "900",
		"X-Amz-Date": "20260506T070809Z",
		"X-Amz-Credential": "ASIAEXAMPLE/20260506/eu-central-1/rds-db/aws4_request",
		"X-Amz-Security-Token": AWS_KEYS.AWS_SESSION_TOKEN,
	});
	expect(token).not.toContain(encodeURIComponent(AWS_KEYS.AWS_SECRET_ACCESS_KEY));
});

test("each is made anew, of its own time", async () => {
	const token = iamTokens(AURORA);
	setSystemTime(new Date("2026-05-06T07:08:09Z"));
	const first = await token();
	setSystemTime(new Date("2026-05-06T07:20:00Z"));
	const second = await token();
	expect(parts(second)["X-Amz-Date"]).toBe("20260506T072000Z");
	expect(parts(second)["X-Amz-Signature"]).not.toBe(parts(first)["X-Amz-Signature"]);
});

test.each([
	["host", { host: "other.cluster-abc.eu-central-1.rds.amazonaws.com" }],
	["port", { port: 5432 }],
	["user", { user: "somebody" }],
	["region", { region: "us-east-1" }],
])("one for another %s is another", async (_what, other) => {
	setSystemTime(new Date("2026-05-06T07:08:09Z"));
	const signatures = [AURORA, { ...AURORA, ...other }].map(async (subject) => {
		return parts(await iamTokens(subject)())["X-Amz-Signature"];
	});
	const [one, another] = await Promise.all(signatures);
	expect(one).toMatch(/^[0-9a-f]{64}$/);
	expect(another).toMatch(/^[0-9a-f]{64}$/);
	expect(one).not.toBe(another);
});
