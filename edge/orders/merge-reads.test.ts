import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Fill, OrderState } from "../../schemas/order-state.ts";
import { FILL, LIMIT_ORDER } from "../testing/ops-orders.ts";
import { mergeFills, mergeOrders } from "./merge-reads.ts";

/**
 * A history of orders: each with versions by evSeq. The log has every order's version up to a point,
 * the worker the newest version of the orders that the log may not have whole.
 */
const orderHistory = fc
	.array(fc.record({ firstEvSeq: fc.integer({ min: 1, max: 50 }), changes: fc.nat({ max: 5 }) }), {
		maxLength: 30,
	})
	.map((orders) =>
		orders.map(({ firstEvSeq, changes }, i) => ({
			...LIMIT_ORDER,
			orderId: i + 1,
			createdAtMs: 1_000 + firstEvSeq,
			evSeq: firstEvSeq + changes,
			cumQtyLots: changes,
		})),
	);

const range = fc.record({
	fromOrderId: fc.constantFrom(0, 0, 5, 12),
	startMs: fc.constantFrom(0, 0, 1_010),
	endMs: fc.constantFrom(0, 0, 1_040),
	limit: fc.integer({ min: 1, max: 40 }),
});

/** What a log that had everything would answer: the meaning of a range, written out. */
function pageOf(
	orders: readonly OrderState[],
	asked: typeof range extends fc.Arbitrary<infer R> ? R : never,
) {
	const within = orders.filter(
		(o) =>
			o.orderId >= asked.fromOrderId &&
			o.createdAtMs >= asked.startMs &&
			(asked.endMs === 0 || o.createdAtMs <= asked.endMs),
	);
	const oldestFirst = asked.fromOrderId > 0 || asked.startMs > 0;
	return oldestFirst ? within.slice(0, asked.limit) : within.slice(-asked.limit);
}

test("whatever the log lacks, the merge is the page of the whole", () => {
	fc.assert(
		fc.property(
			orderHistory,
			range,
			fc.nat({ max: 60 }),
			fc.nat(),
			(orders, asked, logAt, seed) => {
				const older = orders.map((o) =>
					o.evSeq <= logAt ? o : { ...o, evSeq: Math.min(o.evSeq, logAt), cumQtyLots: -1 },
				);
				const logged = older.filter((o) => o.createdAtMs - 1_000 <= logAt);
				// The worker has all that the log has not, and some that both have.
				const recent = orders.filter((o, i) => o.evSeq > logAt || (seed >> (i % 20)) % 2 === 1);
				expect(mergeOrders(recent, pageOf(logged, asked), asked)).toEqual(pageOf(orders, asked));
			},
		),
	);
});

test("neither order of arrival nor age of the page lets an older version win", () => {
	const newer = { ...LIMIT_ORDER, evSeq: 41, cumQtyLots: 50_000 };
	const all = { fromOrderId: 0, startMs: 0, endMs: 0, limit: 10 };
	expect(mergeOrders([LIMIT_ORDER], [newer], all)).toEqual([newer]);
	expect(mergeOrders([newer], [LIMIT_ORDER], all)).toEqual([newer]);
});

test("an order without an id is not listed", () => {
	const all = { fromOrderId: 0, startMs: 0, endMs: 0, limit: 10 };
	expect(mergeOrders([{ ...LIMIT_ORDER, orderId: 0 }], [], all)).toEqual([]);
});

const fills = fc
	.uniqueArray(
		fc.record({
			tradeId: fc.integer({ min: 1, max: 40 }),
			side: fc.constantFrom(0 as const, 1 as const),
		}),
		{ selector: (f) => `${f.tradeId}/${f.side}`, maxLength: 40 },
	)
	.map((list): Fill[] =>
		list
			.map(({ tradeId, side }) => ({
				...FILL,
				tradeId,
				side,
				orderId: (tradeId % 3) + 1,
				ts: 1_000 + tradeId,
			}))
			.sort((a, b) => a.tradeId - b.tradeId || a.side - b.side),
	);

const fillRange = fc.record({
	orderId: fc.constantFrom(0, 0, 1, 2),
	fromTradeId: fc.constantFrom(0, 0, 7),
	startMs: fc.constantFrom(0, 0, 1_010),
	endMs: fc.constantFrom(0, 0, 1_030),
	limit: fc.integer({ min: 1, max: 50 }),
});

test("each side of a trade once, whoever has it", () => {
	fc.assert(
		fc.property(fills, fillRange, fc.nat(), (all, asked, seed) => {
			const oldestFirst = asked.fromTradeId > 0 || asked.startMs > 0;
			const page = (list: readonly Fill[], limit: number) => {
				const within = list.filter(
					(f) =>
						(asked.orderId === 0 || f.orderId === asked.orderId) &&
						f.tradeId >= asked.fromTradeId &&
						f.ts >= asked.startMs &&
						(asked.endMs === 0 || f.ts <= asked.endMs),
				);
				return oldestFirst ? within.slice(0, limit) : within.slice(-limit);
			};
			const inLog = (i: number) => (seed >> (i % 25)) % 2 === 0;
			const logged = all.filter((_, i) => inLog(i));
			const recent = all.filter((_, i) => !inLog(i) || i % 3 === 0);
			const more = page(all, asked.limit + 1);
			const isCut = asked.fromTradeId > 0 && more.at(-1)?.tradeId === more.at(-2)?.tradeId;
			expect(mergeFills(recent, page(logged, asked.limit + 1), asked)).toEqual(
				isCut ? more : page(all, asked.limit),
			);
		}),
	);
});
