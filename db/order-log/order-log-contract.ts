import { describe, expect, test } from "bun:test";
import { OrderStatus, Side } from "../../schemas/order.ts";
import type { Fill, OrderState } from "../../schemas/order-state.ts";
import type {
	FillRange,
	OrderLog,
	OrderLogBatch,
	OrderRange,
} from "../../schemas/ports/order-log.ts";
import {
	amendmentOf,
	endedState,
	fillOf,
	NOTHING,
	orderState,
	preventedMatchOf,
	T0,
} from "./testing/order-log-records.ts";

function batch(evSeq: number, orders: OrderState[], fills: Fill[] = []): OrderLogBatch {
	return { ...NOTHING, partition: 0, evSeq, logId: "log", tradesOffset: evSeq * 2, orders, fills };
}

const NOWHERE = { evSeq: 0, tradesOffset: 0, logId: null };

function orderRange(changes: Partial<OrderRange>): OrderRange {
	return { fromOrderId: 0, startMs: 0, endMs: 0, limit: 100, ...changes };
}

function fillRange(changes: Partial<FillRange>): FillRange {
	return { orderId: 0, fromTradeId: 0, startMs: 0, endMs: 0, limit: 100, ...changes };
}

/** What every OrderLog does. `make` gives an empty one. */
export function orderLogContract(name: string, make: () => Promise<OrderLog>): void {
	const withLog = (title: string, run: (log: OrderLog) => Promise<void>) =>
		test(title, async () => {
			const log = await make();
			try {
				await run(log);
			} finally {
				await log.close();
			}
		});

	describe(`${name}: the order log's contract`, () => {
		withLog("gives back whole orders, by id and by client id, to their user", async (log) => {
			const order = endedState(5, { heldAmount: 2n ** 70n });
			await log.write(batch(5, [order]));
			await log.sync();
			expect(await log.orderById(1, 1, 5)).toEqual(order);
			expect(await log.orderByClientId(1, 1, "client-5")).toEqual(order);
			for (const [user, symbol, id] of [
				[2, 1, 5],
				[1, 2, 5],
				[1, 1, 6],
			] as const) {
				expect(await log.orderById(user, symbol, id)).toBeNull();
				expect(await log.orderByClientId(user, symbol, `client-${id}`)).toBeNull();
			}
		});

		withLog("order and trade ids may be the same in other symbols", async (log) => {
			const other = endedState(5, { symbolId: 2, userId: 3 });
			const [fill, otherFill] = [fillOf(5, 5), fillOf(5, 5, { symbolId: 2 })];
			await log.write(batch(5, [endedState(5), other], [fill, otherFill]));
			expect(await log.orderById(3, 2, 5)).toEqual(other);
			expect(await log.orderById(1, 1, 5)).toEqual(endedState(5));
			const open = [orderState(6), orderState(6, { symbolId: 2 })];
			await log.write(batch(6, open));
			await log.write(batch(7, [endedState(6, { evSeq: 7 })]));
			expect(await log.openOrders(0)).toEqual([open[1]!]);
			expect(await log.fills(1, 2, fillRange({}))).toEqual([otherFill]);
		});

		withLog("an order moves on, never back", async (log) => {
			const filled = orderState(5, { evSeq: 9, status: OrderStatus.Filled, heldAmount: 0n });
			await log.write(batch(5, [orderState(5)]));
			await log.write(batch(9, [filled]));
			await log.write(batch(9, [orderState(5, { evSeq: 9, status: OrderStatus.Canceled })]));
			await log.write(batch(5, [orderState(5)]));
			await log.write(batch(7, [orderState(5, { evSeq: 7, status: OrderStatus.PartiallyFilled })]));
			expect(await log.orderById(1, 1, 5)).toEqual(filled);
			expect(await log.openOrders(0)).toEqual([]);
			expect(await log.position(0)).toEqual({ evSeq: 9, tradesOffset: 18, logId: "log" });
		});

		withLog("an order that is first seen finished is kept", async (log) => {
			const finished = orderState(5, { status: OrderStatus.Expired });
			await log.write(batch(5, [finished]));
			expect(await log.orderById(1, 1, 5)).toEqual(finished);
			expect(await log.openOrders(0)).toEqual([]);
		});

		withLog("an open order is not among its user's: his account worker tells it", async (log) => {
			await log.write(batch(6, [orderState(5), endedState(6)]));
			expect(await log.orderById(1, 1, 5)).toBeNull();
			expect(await log.orderByClientId(1, 1, "client-5")).toBeNull();
			expect((await log.orders(1, 1, orderRange({}))).map((o) => o.orderId)).toEqual([6]);
			const ended = endedState(5, { evSeq: 7 });
			await log.write(batch(7, [ended]));
			expect(await log.orderById(1, 1, 5)).toEqual(ended);
			expect((await log.orders(1, 1, orderRange({}))).map((o) => o.orderId)).toEqual([5, 6]);
		});

		withLog("an amended client id leads to the order, the old one no longer", async (log) => {
			await log.write(batch(5, [orderState(5)]));
			const amended = orderState(5, { evSeq: 6, clientOrderId: "amended" });
			await log.write(batch(6, [amended]));
			expect(await log.openOrders(0)).toEqual([amended]);
			const ended = endedState(5, { evSeq: 7, clientOrderId: "amended" });
			await log.write(batch(7, [ended]));
			expect(await log.orderByClientId(1, 1, "amended")).toEqual(ended);
			expect(await log.orderByClientId(1, 1, "client-5")).toBeNull();
		});

		withLog("a client id used again leads to the newest order", async (log) => {
			const orders = [3, 9, 6].map((id) => endedState(id, { clientOrderId: "again" }));
			await log.write(batch(9, orders));
			expect((await log.orderByClientId(1, 1, "again"))?.orderId).toBe(9);
		});

		withLog("orders refused before they had an id are not kept", async (log) => {
			const refused = orderState(0, { status: OrderStatus.Rejected, evSeq: 4 });
			await log.write(batch(4, [refused]));
			expect(await log.orders(1, 1, orderRange({}))).toEqual([]);
			expect((await log.position(0)).evSeq).toBe(4);
		});

		withLog("knows its position per partition, and in which log", async (log) => {
			expect(await log.position(0)).toEqual(NOWHERE);
			await log.write(batch(5, []));
			await log.write({ ...batch(3, []), partition: 1 });
			expect(await log.position(0)).toEqual({ evSeq: 5, tradesOffset: 10, logId: "log" });
			expect(await log.position(1)).toEqual({ evSeq: 3, tradesOffset: 6, logId: "log" });
			await log.write({ ...batch(2, []), partition: 1, logId: "late" });
			expect((await log.position(1)).logId).toBe("log");
			await log.write({ ...batch(4, []), partition: 1, logId: "new" });
			expect(await log.position(1)).toEqual({ evSeq: 4, tradesOffset: 8, logId: "new" });
			expect(await log.position(2)).toEqual(NOWHERE);
		});

		withLog("lists a user's orders, ascending, within bounds", async (log) => {
			const mine = Array.from({ length: 20 }, (_, i) => endedState(1 + i * 2));
			const others = mine.map((o) => endedState(o.orderId + 1, { userId: 2 }));
			await log.write(batch(50, [...others, ...mine].reverse()));
			const ids = async (changes: Partial<OrderRange>) =>
				(await log.orders(1, 1, orderRange(changes))).map((o) => o.orderId);
			const at = (id: number) => T0 + id * 1_000;
			expect(await ids({})).toEqual(mine.map((o) => o.orderId));
			expect(await ids({ limit: 3 })).toEqual([35, 37, 39]);
			expect(await ids({ fromOrderId: 7, limit: 3 })).toEqual([7, 9, 11]);
			expect(await ids({ fromOrderId: 8, limit: 2 })).toEqual([9, 11]);
			expect(await ids({ startMs: at(9), limit: 2 })).toEqual([9, 11]);
			expect(await ids({ startMs: at(9) + 1, endMs: at(13) })).toEqual([11, 13]);
			expect(await ids({ endMs: at(13) - 1, limit: 2 })).toEqual([9, 11]);
			expect(await ids({ fromOrderId: 11, startMs: at(5), endMs: at(15) })).toEqual([11, 13, 15]);
			expect(await ids({ startMs: at(41) })).toEqual([]);
			expect(await ids({ endMs: at(0) })).toEqual([]);
			expect(await log.orders(1, 2, orderRange({}))).toEqual([]);
		});

		withLog("lists a user's fills, whole, ascending, within bounds, each once", async (log) => {
			const mine = Array.from({ length: 20 }, (_, i) => fillOf(1 + i * 2, 100 + (i % 2)));
			const others = mine.map((f) => fillOf(f.tradeId, 200, { userId: 2 }));
			await log.write(batch(40, [], [...others, ...mine].reverse()));
			await log.write(
				batch(
					50,
					[],
					mine.map((f) => ({ ...f, qtyLots: 99 })),
				),
			);
			const get = (changes: Partial<FillRange>) => log.fills(1, 1, fillRange(changes));
			const ids = async (changes: Partial<FillRange>) => (await get(changes)).map((f) => f.tradeId);
			const at = (id: number) => T0 + id * 1_000;
			expect(await get({})).toEqual(mine);
			expect(await ids({ limit: 3 })).toEqual([35, 37, 39]);
			expect(await ids({ fromTradeId: 8, limit: 2 })).toEqual([9, 11]);
			expect(await ids({ startMs: at(9), limit: 2 })).toEqual([9, 11]);
			expect(await ids({ startMs: at(9), endMs: at(13) - 1 })).toEqual([9, 11]);
			expect(await ids({ endMs: at(13), limit: 2 })).toEqual([11, 13]);
			expect(await ids({ orderId: 101, limit: 3 })).toEqual([31, 35, 39]);
			expect(await ids({ orderId: 101, fromTradeId: 4, limit: 2 })).toEqual([7, 11]);
			expect(await ids({ orderId: 101, startMs: at(9), endMs: at(15) })).toEqual([11, 15]);
			expect(await ids({ orderId: 200 })).toEqual([]);
		});

		withLog("nothing lies from an id on that is beyond the last of the times", async (log) => {
			const [early, late] = [endedState(1, { updatedAtMs: T0 + 2_000 }), endedState(600)];
			await log.write(batch(600, [early, late], [fillOf(1, 1), fillOf(600, 600)]));
			const endMs = T0 + 2_000;
			expect(await log.orders(1, 1, orderRange({ fromOrderId: 601, endMs }))).toEqual([]);
			expect(await log.fills(1, 1, fillRange({ fromTradeId: 601, endMs }))).toEqual([]);
			// An order's fills lie within its life.
			expect(await log.fills(1, 1, fillRange({ orderId: 1, fromTradeId: 601 }))).toEqual([]);
		});

		withLog("keeps both fills of a user's trade with himself", async (log) => {
			const both = [fillOf(5, 1), fillOf(5, 2, { side: Side.Sell, isMaker: false })];
			await log.write(batch(5, [], both));
			expect(await log.fills(1, 1, fillRange({}))).toEqual(both);
		});

		withLog("lists an order's amendments, ascending, each once", async (log) => {
			const mine = [4, 6, 8].map((evSeq) => amendmentOf(evSeq));
			const others = [
				amendmentOf(5, { orderId: 6 }),
				amendmentOf(5, { symbolId: 2 }),
				amendmentOf(7, { orderId: 55 }),
			];
			await log.write({ ...batch(8, []), amendments: [...others, ...mine].reverse() });
			const get = (fromExecutionId: number, limit: number, userId = 1) =>
				log.amendments(userId, 1, { orderId: 5, fromExecutionId, limit });
			expect(await get(0, 100)).toEqual(mine);
			expect(await get(60_000, 100)).toEqual(mine.slice(1));
			expect(await get(60_001, 100)).toEqual(mine.slice(2));
			expect(await get(0, 2)).toEqual(mine.slice(0, 2));
			expect(await get(0, 100, 2)).toEqual([]);
		});

		withLog(
			"finds a prevented match by its id, and an order's, ascending, each once",
			async (log) => {
				const asMaker = [1, 4].map((id) => preventedMatchOf(id));
				const asTaker = preventedMatchOf(3, { makerOrderId: 2, takerOrderId: 5 });
				const others = [
					preventedMatchOf(2, { makerOrderId: 7, takerOrderId: 8 }),
					preventedMatchOf(3, { symbolId: 2 }),
					preventedMatchOf(5, { userId: 2, makerOrderId: 50, takerOrderId: 51 }),
				];
				await log.write({
					...batch(5, []),
					preventedMatches: [...others, asTaker, ...asMaker].reverse(),
				});
				const ids = async (orderId: number, fromPreventedMatchId: number, limit: number) => {
					const range = { orderId, fromPreventedMatchId, limit };
					return (await log.preventedMatches(1, 1, range)).map((m) => m.preventedMatchId);
				};
				expect(await ids(5, 0, 100)).toEqual([1, 3, 4]);
				expect(await ids(5, 2, 1)).toEqual([3]);
				expect(await ids(6, 0, 100)).toEqual([1, 4]);
				expect(await ids(9, 0, 100)).toEqual([]);
				const one = (userId: number, preventedMatchId: number) =>
					log.preventedMatches(userId, 1, { preventedMatchId });
				expect(await one(1, 3)).toEqual([asTaker]);
				expect([await one(1, 5), await one(2, 3), await one(1, 6)]).toEqual([[], [], []]);
				expect(await one(2, 5)).toEqual([others[2]!]);
			},
		);

		withLog("what was written again changes nothing", async (log) => {
			const [amendment, match] = [amendmentOf(4), preventedMatchOf(3)];
			const first = { ...batch(4, []), amendments: [amendment], preventedMatches: [match] };
			await log.write(first);
			await log.write({
				...first,
				amendments: [{ ...amendment, newQtyLots: 1 }],
				preventedMatches: [{ ...match, priceTicks: 1 }],
			});
			const amendments = { orderId: 5, fromExecutionId: 0, limit: 9 };
			expect(await log.amendments(1, 1, amendments)).toEqual([amendment]);
			expect(await log.preventedMatches(1, 1, { preventedMatchId: 3 })).toEqual([match]);
		});

		withLog("lists what is open in a partition", async (log) => {
			const open = [
				orderState(1),
				orderState(2, { status: OrderStatus.PartiallyFilled, userId: 4 }),
			];
			await log.write(batch(5, [...open, orderState(3, { status: OrderStatus.Canceled })]));
			const elsewhere = orderState(4, { symbolId: 9, partition: 1 });
			await log.write({ ...batch(5, [elsewhere]), partition: 1 });
			expect(await log.openOrders(0)).toEqual(open);
			await log.write(batch(6, [orderState(1, { evSeq: 6, status: OrderStatus.Filled })]));
			expect((await log.openOrders(0)).map((o) => o.orderId)).toEqual([2]);
			expect((await log.openOrders(1)).map((o) => o.orderId)).toEqual([4]);
		});

		withLog("tells what changed after an event, as of its position", async (log) => {
			const elsewhere = orderState(9, { partition: 1, symbolId: 2 });
			await log.write({ ...batch(9, [elsewhere], [fillOf(9, 9, { partition: 1 })]), partition: 1 });
			await log.write(batch(5, [orderState(3), orderState(4), orderState(5)], [fillOf(5, 5)]));
			const filled = orderState(4, { evSeq: 8, status: OrderStatus.Filled, userId: 1 });
			const renamed = orderState(5, { evSeq: 7, clientOrderId: "renamed" });
			const fills = [fillOf(7, 4, { evSeq: 8 }), fillOf(6, 4, { evSeq: 6 })];
			const amendments = [6, 7].map((evSeq) => amendmentOf(evSeq));
			const others = [amendmentOf(5), amendmentOf(6, { symbolId: 2 })];
			const changes = {
				...batch(8, [renamed, filled], fills),
				amendments: [...amendments, ...others],
			};
			await log.write(changes);
			expect(await log.changesAfter(0, 5)).toEqual({
				orders: [filled, renamed],
				fills: [fills[1]!, fills[0]!],
				amendments,
			});
			expect((await log.changesAfter(0, 2)).orders.map((o) => o.orderId)).toEqual([3, 4, 5]);
			expect(await log.changesAfter(0, 8)).toEqual({ orders: [], fills: [], amendments: [] });
			expect((await log.changesAfter(1, 0)).orders).toEqual([elsewhere]);
		});

		withLog("what is written whole is never taken away as unfinished", async (log) => {
			const orders = [orderState(5), endedState(6)];
			const amendments = [amendmentOf(6)];
			const preventedMatches = [preventedMatchOf(6)];
			const of = { ...batch(7, orders, [fillOf(7, 6)]), amendments, preventedMatches };
			await log.write(of);
			await log.write({ ...batch(3, [endedState(3)], [fillOf(3, 3)]), partition: 1 });
			expect([await log.dropUnfinished(0, () => true), (await log.position(0)).evSeq]).toEqual([
				0, 7,
			]);
			expect(await log.openOrders(0)).toEqual([orderState(5)]);
			expect((await log.orders(1, 1, orderRange({}))).map((o) => o.orderId)).toEqual([3, 6]);
			expect((await log.fills(1, 1, fillRange({}))).map((f) => f.tradeId)).toEqual([3, 7]);
			expect(await log.amendments(1, 1, { orderId: 5, fromExecutionId: 0, limit: 5 })).toEqual(
				amendments,
			);
			expect(await log.preventedMatches(1, 1, { preventedMatchId: 6 })).toEqual(preventedMatches);
		});

		withLog("a read sees every write that was asked for before it", async (log) => {
			const writes = Array.from({ length: 50 }, (_, i) =>
				log.write(batch(i + 1, [endedState(i + 1)])),
			);
			expect(await log.orders(1, 1, orderRange({}))).toHaveLength(50);
			await Promise.all(writes);
		});
	});
}
