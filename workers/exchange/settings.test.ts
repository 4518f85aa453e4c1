import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { SettingsError } from "../../schemas/settings.ts";
import { readSettings, SETTINGS, settingsHelp } from "./settings.ts";

test("nothing given, every setting is its own fallback", () => {
	expect(readSettings({}, "/data")).toMatchObject({
		...{ PORT: 3_000, HOST: "127.0.0.1", DATA_DIR: "/data", DEMO: true, PARTITIONS: 1 },
		...{ LOG_LEVEL: "info", SIGN_UP: true, TRUST_FORWARDED_FOR: false },
		...{ WEIGHT_PER_MINUTE: 6_000, ORDERS_PER_10_SECONDS: 100, ENGINE_WAIT_MS: 10_000 },
	});
	expect(readSettings({ PORT: "" }, "/data").PORT).toBe(3_000);
});

test("what is given counts; a relative folder is of the working directory", () => {
	const given = { PORT: "0", DEMO: "0", LOG_LEVEL: "off", DATA_DIR: "here/data", OTHER: "x" };
	const settings = readSettings(given, "/data");
	expect(settings).toMatchObject({ PORT: 0, DEMO: false, LOG_LEVEL: "off" });
	expect(settings.DATA_DIR).toBe(resolve("here/data"));
	expect("OTHER" in settings).toBe(false);
});

test.each([
	["PORT", "65536", "a whole number from 0 to 65535"],
	["PORT", "-1", "a whole number from 0 to 65535"],
	["PORT", "80.5", "a whole number"],
	["PORT", "1e3", "a whole number"],
	["PARTITIONS", "0", "from 1 to 64"],
	["DEMO", "yes", "must be 0 or 1"],
	["LOG_LEVEL", "debug", "info, warn, error or off"],
	// An id must outlive the widest recvWindow by a minute: below that a retry could buy twice.
	["CLIENT_ORDER_ID_MINUTES", "1", "from 2 to 1440"],
])("%s=%s is refused", (name, value, says) => {
	expect(() => readSettings({ [name]: value }, "/data")).toThrow(SettingsError);
	expect(() => readSettings({ [name]: value }, "/data")).toThrow(`${name}=${value}: `);
	expect(() => readSettings({ [name]: value }, "/data")).toThrow(says);
});

test("every setting that is wrong is named at once", () => {
	expect(() => readSettings({ PORT: "x", DEMO: "2" }, "/data")).toThrow(/PORT=x.*\n.*DEMO=2/);
});

test("the help names every setting and what it is when not given", () => {
	const help = settingsHelp("/where/data/is");
	for (const [name, { fallback }] of Object.entries(SETTINGS)) {
		const line = help.split("\n").find((text) => text.trim().startsWith(`${name} `));
		expect(line).toEndWith(name === "DATA_DIR" ? "(/where/data/is)" : `(${fallback})`);
	}
});
