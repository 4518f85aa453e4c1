/**
 * Lines that stand in logs, and in topics that processes of two versions share: each is read for ever as it was
 * written (docs/runbooks/upgrade.md). A new kind gets a line of its own here; none of them is changed.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandKind } from "./command.ts";
import { EventKind } from "./event.ts";
import { ordersCodec, tradesCodec } from "./record-codec.ts";

interface StoredLine {
	readonly topic: "orders" | "trades";
	readonly line: string;
	/** What it was written for, amounts as decimal text. A field that came later is not in it. */
	readonly says: Readonly<Record<string, unknown>>;
}

const stored: readonly StoredLine[] = readFileSync(
	join(import.meta.dir, "golden/lines.jsonl"),
	"utf8",
)
	.trimEnd()
	.split("\n")
	.map((line) => JSON.parse(line));

function read({ topic, line }: StoredLine): Record<string, unknown> {
	const record = topic === "orders" ? ordersCodec.decode(line) : tradesCodec.decode(line);
	return JSON.parse(JSON.stringify(record, (_, v) => (typeof v === "bigint" ? `${v}` : v)));
}

describe("a stored line is read as it was written:", () => {
	test.each(stored.map((one) => [one.topic, one.line, one] as const))("%s %s", (_, _line, one) => {
		expect(read(one)).toMatchObject(one.says);
	});
});

test("there is one of every kind of command and event", () => {
	const records = stored.map(read) as { command: { kind: number }; events?: { kind: number }[] }[];
	const commands = records.map(({ command }) => command?.kind);
	const kinds = Object.values(CommandKind).filter((kind) => kind !== CommandKind.Undecodable);
	expect(commands).toEqual(expect.arrayContaining(kinds));
	const events = records.flatMap((record) => record.events ?? []).map(({ kind }) => kind);
	expect(events).toEqual(expect.arrayContaining(Object.values(EventKind)));
});
