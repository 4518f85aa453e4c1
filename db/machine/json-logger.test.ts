import { expect, test } from "bun:test";
import { JsonLogger, type LogLevel } from "./json-logger.ts";

function loggerAt(level: LogLevel) {
	const writes: string[] = [];
	return { logger: new JsonLogger(level, (text) => writes.push(text)), writes };
}

test("one JSON object per line, gathered into one write", () => {
	const { logger, writes } = loggerAt("info");
	logger.info("begun", { partition: 3 });
	logger.error("two\nlines", { why: "x\ny", none: null, sure: true });
	expect(writes).toEqual([]);
	logger.flush();
	expect(writes.length).toBe(1);
	expect(writes[0]).toEndWith("\n");
	const lines = (writes[0] as string).trimEnd().split("\n");
	expect(lines.map((line) => JSON.parse(line))).toMatchObject([
		{ level: "info", message: "begun", partition: 3 },
		{ level: "error", message: "two\nlines", why: "x\ny", none: null, sure: true },
	]);
	expect(Date.parse(JSON.parse(lines[0] as string).time)).toBeGreaterThan(0);
	logger.flush();
	expect(writes.length).toBe(1);
});

test.each([
	["info", ["info", "warn", "error"]],
	["warn", ["warn", "error"]],
	["error", ["error"]],
	["off", []],
] as const)("at level %s it writes %p", (level, expected) => {
	const { logger, writes } = loggerAt(level);
	logger.info("m");
	logger.warn("m");
	logger.error("m");
	logger.flush();
	const lines = writes.join("").split("\n").slice(0, -1);
	expect(lines.map((line) => JSON.parse(line).level)).toEqual([...expected]);
});

test("a field cannot pass for the line's own time, level or message", () => {
	const { logger, writes } = loggerAt("info");
	logger.warn("real", { level: "info", message: "forged", time: "never" });
	logger.flush();
	const line = JSON.parse(writes[0] as string);
	expect(line).toMatchObject({ level: "warn", message: "real" });
	expect(line.time).not.toBe("never");
});

test("without a flush the lines go out by themselves", async () => {
	const written = new Promise<string>((resolve) => {
		new JsonLogger("info", resolve).info("by itself");
	});
	expect(await written).toContain("by itself");
});
