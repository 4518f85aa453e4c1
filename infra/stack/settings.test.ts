import { expect, test } from "bun:test";
import { stackSettings } from "./settings.ts";

const read = (environment: Readonly<Record<string, string>>) => stackSettings(environment, "/data");

test("servers that run already are a JSON object of texts, or none", () => {
	expect(read({}).SERVERS).toBeNull();
	expect(read({ SERVERS: '{"REDIS_PORT":"6379"}' }).SERVERS).toEqual({ REDIS_PORT: "6379" });
	for (const SERVERS of ["{bad", "[]", "null", '{"REDIS_PORT":6379}']) {
		expect(() => read({ SERVERS })).toThrow("SERVERS: must be a JSON object of texts");
	}
});

test("a name that topics and tables cannot have is refused before a server is started", () => {
	expect(() => read({ VENUE: "Bad Name!" })).toThrow(
		"VENUE=Bad Name!: must be a-z, 0-9 and hyphens",
	);
});
