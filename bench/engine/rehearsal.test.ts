import { expect, test } from "bun:test";
import { Driver } from "./driver.ts";
import { FillTape } from "./fill-tape.ts";
import { rehearsed } from "./rehearsal.ts";
import { scriptOf } from "./script.ts";
import { Op, RECORD_WORDS, type Workload } from "./workload.ts";

const BUY = 0;
const SELL = 1;

/** A record by its fields: all but the user, who is the same one. */
type Row = readonly [op: number, side: number, id: number, price: number, qty: number];

test("a reduce by all that is left of a partly filled order ends it", () => {
	const rows = [limit(BUY, 1, 100, 10), [Op.Ioc, SELL, 2, 100, 4], reduce(1, 6)] as const;
	expect(sumsOf([...rows, limit(SELL, 3, 100, 3)])).toEqual({
		...{ fills: 1, volume: 4n, notional: 400n, hash: 1_445_917_674 },
		...{ orders: 1, lots: 3 },
	});
});

test("a reduce by more than is left ends the order", () => {
	const rows = [limit(BUY, 1, 100, 10), [Op.Ioc, SELL, 2, 100, 4], reduce(1, 30)] as const;
	expect(sumsOf([...rows, limit(SELL, 3, 100, 3)])).toMatchObject({ fills: 1, orders: 1, lots: 3 });
});

test("a re-price moves the order on its own side, whatever side the record names", () => {
	const rows = [limit(SELL, 1, 100, 10), limit(BUY, 2, 90, 10), [Op.Reprice, BUY, 1, 90, 10]];
	expect(sumsOf(rows as Row[])).toMatchObject({ fills: 1, volume: 10n, orders: 0 });
});

test("the header's prices bound nothing", () => {
	const rows = [limit(BUY, 1, 100, 10), limit(SELL, 2, 100, 4)];
	expect(sumsOf(rows, { highestPrice: 50 })).toMatchObject({ fills: 1, orders: 1, lots: 6 });
});

test("prices and quantities of 32 bits, and levels beyond them", () => {
	const top = 0xffff_ffff;
	expect(sumsOf([limit(BUY, 1, 1, 9), limit(SELL, 2, top, 8), limit(BUY, 3, top, 5)])).toEqual({
		...{ fills: 1, volume: 5n, notional: 5n * BigInt(top), hash: expect.any(Number) },
		...{ orders: 2, lots: 12 },
	});
	const three = [1, 2, 3].map((id) => limit(BUY, id, 7, top));
	expect(sumsOf([...three, limit(SELL, 4, 7, top), limit(SELL, 5, 7, 9)])).toMatchObject({
		...{ fills: 2, volume: BigInt(top) + 9n, orders: 2, lots: top - 9 + top },
	});
});

test("a file without records is played", () => {
	expect(sumsOf([])).toEqual({
		...{ fills: 0, volume: 0n, notional: 0n, hash: 0x811c_9dc5 },
		...{ orders: 0, lots: 0 },
	});
});

test("a cancel that meets no order does nothing", () => {
	const rows = [limit(BUY, 1, 100, 10), cancel(1), cancel(1), cancel(3), limit(SELL, 3, 100, 3)];
	expect(sumsOf(rows as Row[])).toMatchObject({ fills: 0, orders: 1, lots: 3 });
});

const REFUSED: readonly (readonly [what: string, row: Row])[] = [
	["an op of none of the five", [6, BUY, 1, 100, 10]],
	["a side of neither", [Op.Limit, 2, 1, 100, 10]],
	["an order id beyond the header's", [Op.Limit, BUY, 9, 100, 10]],
	["a price of zero", [Op.Limit, BUY, 1, 0, 10]],
	["a quantity of zero", [Op.Limit, BUY, 1, 100, 0]],
	["a re-price of no order", [Op.Reprice, BUY, 1, 100, 10]],
];

test.each(REFUSED)("%s is refused, and the record named", (_what, row) => {
	const rows = [limit(BUY, 2, 10, 1), row];
	expect(() => sumsOf(rows, { highestOrderId: 8 })).toThrow(/^record 1: /);
});

test("a symbol beyond the header's is refused", () => {
	expect(() => sumsOf([limit(BUY, 1, 10, 1)], { symbols: 0 })).toThrow(/^record 0: /);
});

function limit(side: number, id: number, price: number, qty: number): Row {
	return [Op.Limit, side, id, price, qty];
}

function cancel(id: number): Row {
	return [Op.Cancel, BUY, id, 0, 0];
}

function reduce(id: number, qty: number): Row {
	return [Op.Reduce, BUY, id, 0, qty];
}

/** What a file of these records comes to. */
function sumsOf(rows: readonly Row[], header: Partial<Workload> = {}) {
	const words = rows.flatMap(([op, side, id, price, qty]) => [
		op | (side << 8),
		1,
		id,
		price,
		qty,
		0,
	]);
	const script = rehearsed(
		scriptOf({
			...{ records: words.length / RECORD_WORDS, symbols: 1, seed: 1, users: 2 },
			highestOrderId: Math.max(0, ...rows.map(([, , id]) => id)),
			lowestPrice: 0,
			highestPrice: Math.max(0, ...rows.map(([, , , price]) => price)),
			words: Uint32Array.from(words),
			...header,
		}),
	);
	const fills = new FillTape();
	const driver = new Driver(script, "fast", fills);
	driver.run();
	const resting = [...driver.engine.openOrders()];
	const lots = resting.reduce((sum, o) => sum + (o.stop ? 0 : o.leavesLots), 0);
	return { ...fills.sums(script.fileIds), orders: resting.length, lots };
}
