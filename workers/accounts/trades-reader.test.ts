import { expect, test } from "bun:test";
import type { EventRecord } from "../../schemas/event.ts";
import { Positions } from "./positions.ts";
import { TradesReader } from "./trades-reader.ts";

function record(evSeq: number, part = 0, last = true, hash = `h${evSeq}`): EventRecord {
	return {
		partition: 0,
		evSeq,
		ts: 0,
		shard: 1,
		epoch: 1,
		seq: 1,
		part,
		last,
		command: null,
		events: [],
		hash,
	};
}

function reader() {
	const positions = new Positions(1, []);
	const trades = new TradesReader(positions.of(0));
	let offset = -1;
	const take = (next: EventRecord) => {
		offset += 1;
		return trades.take({ offset, record: next })?.map(({ evSeq }) => evSeq) ?? null;
	};
	return { take, position: positions.of(0) };
}

test("answers come whole, and the position never stands between their parts", () => {
	const { take, position } = reader();
	expect(take(record(1))).toEqual([1]);
	expect(take(record(2, 0, false))).toBeNull();
	expect(position).toMatchObject({ evSeq: 1, tradesOffset: 1, hash: "h1" });
	expect(take(record(2, 0, false))).toBeNull();
	expect(position).toMatchObject({ evSeq: 1, tradesOffset: 1 });
	expect(take(record(3, 1, true))).toEqual([2, 3]);
	expect(position).toMatchObject({ evSeq: 3, tradesOffset: 4, hash: "h3" });
});

test("a record published twice is dropped, one with other bytes is a fork", () => {
	const { take } = reader();
	take(record(1));
	take(record(2));
	expect(take(record(1))).toBeNull();
	expect(() => take(record(2, 0, true, "other"))).toThrow("hash other");
});

test("what is dropped is read: a start does not read it again, unless it stands between parts", () => {
	const { take, position } = reader();
	take(record(1));
	take(record(1));
	expect(position).toMatchObject({ evSeq: 1, tradesOffset: 2 });
	take(record(2, 0, false));
	take(record(1));
	expect(position).toMatchObject({ evSeq: 1, tradesOffset: 2 });
	take(record(3, 1, true));
	expect(position).toMatchObject({ evSeq: 3, tradesOffset: 5 });
});

test("a record is compared with what stood there as long as that is remembered", () => {
	const { take } = reader();
	for (let evSeq = 1; evSeq <= 1_100; evSeq += 1) take(record(evSeq));
	expect(() => take(record(77, 0, true, "other"))).toThrow("hash other");
	expect(take(record(76, 0, true, "other"))).toBeNull();
});

test("a gap and a missing part stop it", () => {
	const { take } = reader();
	take(record(1));
	expect(() => take(record(3))).toThrow("3 follows 1");
	expect(() => take(record(2, 1))).toThrow("a part is missing");
});
