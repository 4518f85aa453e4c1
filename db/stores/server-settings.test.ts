import { afterAll, beforeAll, expect, test } from "bun:test";
import { readSettings, SettingsError, settingsHelp } from "../../schemas/settings.ts";
import { giveAwsKeys } from "../ledger/testing/aws-keys.ts";
import { testCertificate } from "../ledger/testing/test-certificate.ts";
import { POSTGRES_SETTINGS, postgresOf, VENUE_SETTINGS } from "./server-settings.ts";

let takeKeys: () => void;
beforeAll(() => {
	takeKeys = giveAwsKeys();
});
afterAll(() => takeKeys());

const TABLE = { ...VENUE_SETTINGS, ...POSTGRES_SETTINGS };
const HOST = "castle.cluster-abc.eu-central-1.rds.amazonaws.com";
const BY_TOKEN = {
	...{ POSTGRES_HOST: HOST, POSTGRES_PORT: "6432", POSTGRES_USER: "worker" },
	...{ POSTGRES_IAM: "1", POSTGRES_TLS: "1", AWS_REGION: "eu-central-1" },
};

function settings(environment: Record<string, string>) {
	return postgresOf(readSettings(TABLE, environment));
}

test("PostgreSQL is reached by a password unless a token is asked for", () => {
	const given = { POSTGRES_HOST: HOST, POSTGRES_PASSWORD: "a password", AWS_REGION: "x" };
	expect(settings(given)).toEqual({
		...{ host: HOST, port: 5432, database: "castle", user: "castle" },
		...{ password: "a password", tls: null },
	});
	const { certificate: ca } = testCertificate("localhost");
	expect(settings({ ...given, POSTGRES_TLS: "1", POSTGRES_CA: ca }).tls).toEqual({ ca });
});

test("an authority is certificates in PEM, each of them whole", () => {
	const [one, other] = [testCertificate("one"), testCertificate("other")];
	const given = { POSTGRES_HOST: HOST, POSTGRES_TLS: "1" };
	const bundle = `# of a region\n${one.certificate}\n${other.certificate}`;
	expect(settings({ ...given, POSTGRES_CA: bundle }).tls).toEqual({ ca: bundle });
	const cut = one.certificate.replace(/\n[^-\n]+\n-----END/, "\n-----END");
	for (const POSTGRES_CA of ["/etc/ssl/no-such.pem", one.key, cut, `${bundle}\n${cut}`]) {
		const wrong = () => settings({ ...given, POSTGRES_CA });
		expect(wrong).toThrow(SettingsError);
		expect(wrong).toThrow("must be certificates in PEM: their text, not the name of a file");
	}
});

test("a token is for the very address and user that are connected to", async () => {
	const { host, port, user, password, tls } = settings(BY_TOKEN);
	expect({ host, port, user, tls }).toEqual({
		...{ host: HOST, port: 6432, user: "worker", tls: { ca: null } },
	});
	if (typeof password === "string") throw new Error("no token, but a password");
	const token = new URL(`https://${await password()}`);
	expect(token.host).toBe(`${host}:${port}`);
	expect(token.searchParams.get("DBUser")).toBe(user);
	expect(token.searchParams.get("X-Amz-Expires")).toBe("900");
	expect(token.searchParams.get("X-Amz-Credential")).toContain("/eu-central-1/rds-db/");
});

test.each([
	[{ POSTGRES_TLS: "0" }, "POSTGRES_TLS must be 1: a token is sent as it is"],
	[{ POSTGRES_PASSWORD: "seen by nobody" }, "POSTGRES_PASSWORD must not be given: a token takes"],
	[{ AWS_REGION: "" }, "AWS_REGION must be given: a token is for one region"],
	[{ POSTGRES_HOST: "/run/postgresql" }, "POSTGRES_HOST must be a name: a token is for one"],
])("a token does not go with %p", (other, says) => {
	const wrong = () => settings({ ...BY_TOKEN, ...other });
	expect(wrong).toThrow(SettingsError);
	expect(wrong).toThrow(`with POSTGRES_IAM=1, ${says}`);
	expect(wrong).not.toThrow("seen by nobody");
	expect(wrong).not.toThrow("\n");
});

test("all that does not go with a token is named at once", () => {
	const wrong = () => settings({ POSTGRES_HOST: HOST, POSTGRES_IAM: "1", POSTGRES_PASSWORD: "x" });
	expect(wrong).toThrow(/POSTGRES_TLS must.*\n.*POSTGRES_PASSWORD must.*\n.*AWS_REGION must/);
	expect(() => settings({ POSTGRES_HOST: HOST, POSTGRES_IAM: "yes" })).toThrow("must be 0 or 1");
});

test("help names the settings of a token, and shows none", () => {
	const help = settingsHelp(TABLE);
	expect(help).toMatch(/^ {2}POSTGRES_IAM .*token.* \(0\)$/m);
	expect(help).toMatch(/^ {2}AWS_REGION .*token/m);
	expect(help).not.toContain("X-Amz");
});
