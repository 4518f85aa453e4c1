import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { CommandKind, type CommandRecord } from "./command.ts";
import { commandOf, commandRow } from "./command-codec.ts";
import { ordersCodec, tradesCodec, tradesCodecOf } from "./record-codec.ts";
import { anyEventRecord, anyOrdersRecord, commandArbitrary } from "./testing/records.ts";

describe("a command comes back from its row as it was", () => {
	for (const [name, kind] of Object.entries(CommandKind)) {
		test(name, () => {
			fc.assert(
				fc.property(commandArbitrary(kind), (command) => {
					const row = JSON.parse(JSON.stringify(commandRow(command)));
					expect(commandOf(row)).toEqual(command);
				}),
			);
		});
	}
});

test.each([
	["of a kind that this version does not know", "[99,1,2]"],
	["empty", "[]"],
	["that is none", '"x"'],
	["without its money", "[1,7,1,3]"],
	["of an amount that is no number", '[6,7,3,"a lot","x"]'],
	["of an amount that is no text", '[6,7,3,15,"x"]'],
	["for no user", '[6,null,3,"1","x"]'],
	["for half a user", '[6,7.5,3,"1","x"]'],
	["for no symbol", "[5,7]"],
	["of a deposit without its id", '[6,7,3,"1"]'],
	["for a symbol that is none", "[11,null]"],
])("a command %s is kept as it is, on its line", (_, row) => {
	const line = `[1,1,2,4,3,${row}]`;
	const record = ordersCodec.decode(line) as CommandRecord;
	expect(record).toMatchObject({ shard: 1, epoch: 2, ts: 4, seq: 3 });
	expect(record.command).toEqual({ kind: CommandKind.Undecodable, row: JSON.parse(row) });
	expect(ordersCodec.encode(record)).toBe(line);
});

test("a line of which nobody can tell whose it is, is none", () => {
	for (const line of ["[1,1,2]", "[1,null,2,4]", '[1,1,2,4,"3",[8]]', "[1,1,2.5,4,3,[8]]"]) {
		expect(() => ordersCodec.decode(line)).toThrow("not a log record of version 1");
	}
});

test("a line of orders comes back as it was, on one line", () => {
	fc.assert(
		fc.property(anyOrdersRecord, (record) => {
			const line = ordersCodec.encode(record);
			expect(line).not.toContain("\n");
			expect(ordersCodec.decode(line)).toEqual(record);
		}),
	);
});

test("a line of trades comes back as it was, and encodes to the same bytes again", () => {
	fc.assert(
		fc.property(anyEventRecord, (record) => {
			const line = tradesCodec.encode(record);
			expect(line).not.toContain("\n");
			const decoded = tradesCodec.decode(line);
			expect(decoded).toEqual(record);
			expect(tradesCodec.encode(decoded)).toBe(line);
		}),
	);
});

test("who needs some shards only reads these whole, and of others where they stand", () => {
	fc.assert(
		fc.property(anyEventRecord, fc.nat(), (any, n) => {
			const record = { ...any, hash: n.toString(16) };
			const line = tradesCodec.encode(record);
			const read = (wanted: boolean) =>
				tradesCodecOf((shard) => (shard === record.shard) === wanted).decode(line);
			expect(read(true)).toEqual(record);
			expect(read(false)).toEqual({ ...record, command: null, events: [] });
		}),
	);
	expect(() => tradesCodecOf(() => false).decode("[2,3]")).toThrow(RangeError);
});

test("the bytes of a log do not change", () => {
	const command = { kind: CommandKind.Deposit, userId: 7, assetId: 3, amount: 10n ** 20n } as const;
	const line = { shard: 1, epoch: 2, seq: 3, ts: 4, command: { ...command, externalId: "x" } };
	expect(ordersCodec.encode(line)).toBe('[1,1,2,4,3,[6,7,3,"100000000000000000000","x"]]');
	expect(ordersCodec.encode({ shard: 1, epoch: 2, ts: 4, command: null })).toBe("[1,1,2,4]");
	const record = {
		...{ partition: 5, evSeq: 6, ts: 4, shard: 1, epoch: 2, seq: 3, part: 0, last: true },
		...{ command: line.command, events: [{ kind: 28, userId: 7, assetId: 3 } as const] },
		hash: "00ff",
	};
	expect(tradesCodec.encode(record)).toBe(
		'[1,5,6,4,1,2,3,0,1,[6,7,3,"100000000000000000000","x"],[28,7,3],"00ff"]',
	);
});

test.each(["[2,1,2,4]", "{}", "null", '"x"', "7"])("refuses %p, which is no record", (text) => {
	expect(() => ordersCodec.decode(text)).toThrow("not a log record of version 1");
	expect(() => tradesCodec.decode(text)).toThrow("not a log record of version 1");
});

test("refuses half a line", () => {
	expect(() => ordersCodec.decode("[1,1,2")).toThrow(SyntaxError);
	expect(() => tradesCodec.decode('[1,5,6,4,1,2,3,0,1,null,[28,7],""]')).toThrow(RangeError);
});
