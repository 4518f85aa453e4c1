import { expect, test } from "bun:test";
import {
	listed,
	oneOf,
	onOff,
	readSettings,
	SettingsError,
	secretSetting,
	setting,
	settingsHelp,
	textValue,
	whole,
	wholeNumbers,
} from "./settings.ts";

const TABLE = {
	NAME: setting("a name", null, textValue),
	COUNT: setting("how many", "3", whole(1, 9)),
	TLS: setting("1: TLS", "0", onOff),
	KIND: setting("which", "a", oneOf("a", "b", "c")),
	HOSTS: setting("where", "", listed),
	OWNED: setting("which of them", "", wholeNumbers),
	TOKEN: secretSetting("a secret", "", oneOf("", "right", "also right")),
};

test("what is given is read by its schema, and the rest is as the table has it", () => {
	expect(readSettings(TABLE, { NAME: "x", COUNT: "", HOSTS: "a, b", OTHER: "y" })).toEqual({
		...{ NAME: "x", COUNT: 3, TLS: false, KIND: "a", HOSTS: ["a", "b"], OWNED: null, TOKEN: "" },
	});
	expect(readSettings(TABLE, { NAME: "x", OWNED: "2,0,2", TLS: "1" })).toMatchObject({
		...{ OWNED: [2, 0], TLS: true },
	});
});

test("everything that is missing or wrong is named at once", () => {
	const given = { COUNT: "10", TLS: "yes", KIND: "d", OWNED: "1;2" };
	expect(() => readSettings(TABLE, given)).toThrow(SettingsError);
	expect(() => readSettings(TABLE, given)).toThrow(
		[
			"NAME must be given",
			"COUNT=10: must be a whole number from 1 to 9",
			"TLS=yes: must be 0 or 1",
			"KIND=d: must be a, b or c",
			"OWNED=1;2: must be whole numbers by commas",
		].join("\n"),
	);
});

test("a secret that is wrong is named, and not shown", () => {
	let message = "";
	try {
		readSettings(TABLE, { NAME: "x", TOKEN: "hunter2" });
	} catch (error) {
		message = (error as Error).message;
	}
	expect(message).toStartWith("TOKEN: must be");
	expect(message).not.toContain("hunter2");
});

test("the help has a line for each, with what it is when not given", () => {
	const lines = settingsHelp(TABLE, { HOSTS: "localhost" }).split("\n");
	expect(lines).toHaveLength(1 + Object.keys(TABLE).length);
	expect(lines[1]).toMatch(/^ {2}NAME +a name \(must be given\)$/);
	expect(lines[2]).toMatch(/^ {2}COUNT +how many \(3\)$/);
	expect(lines[5]).toMatch(/^ {2}HOSTS +where \(localhost\)$/);
	expect(lines[7]).toMatch(/^ {2}TOKEN +a secret$/);
});
