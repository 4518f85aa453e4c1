import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installDynamoDb } from "./dynamodb-local.ts";
import { installKafka } from "./kafka.ts";
import { installRedis } from "./redis.ts";
import { installVersitygw } from "./versitygw.ts";

const NAMES = ["CASTLE_CACHE", "PATH", "JAVA_HOME"] as const;
const before = NAMES.map((name) => [name, process.env[name]] as const);
let folder = "";

/** A machine on which no server is installed, and no tool that could do it. */
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "castle-tools-"));
	process.env["CASTLE_CACHE"] = join(folder, "cache");
	process.env["PATH"] = folder;
	delete process.env["JAVA_HOME"];
});

afterEach(() => {
	for (const [name, value] of before) {
		if (value === undefined) delete process.env[name];
		else process.env[name] = value;
	}
	rmSync(folder, { recursive: true });
});

test.each([
	["Kafka", installKafka, /need a JDK of version 17 or newer/],
	["DynamoDB", installDynamoDb, /need a JDK of version 17 or newer/],
	["S3", installVersitygw, /install Go/],
	["Redis", installRedis, /install Redis/],
] as const)("%s says what it needs, and leaves nothing", async (_name, install, says) => {
	await expect(install(() => {})).rejects.toThrow(says);
	const left = readdirSync(folder, { recursive: true }).filter((name) => name !== "cache");
	expect(left).toEqual([]);
});

test("an old Java is told, and a Maven that is missing", async () => {
	const java = (version: string) => {
		const text = `#!/bin/sh\necho 'openjdk version "${version}"'\n`;
		writeFileSync(join(folder, "java"), text, { mode: 0o755 });
	};
	java("11.0.2");
	await expect(installKafka(() => {})).rejects.toThrow(/is version 11/);
	java("21.0.2");
	await expect(installKafka(() => {})).rejects.toThrow(/come by Maven: install it/);
});
