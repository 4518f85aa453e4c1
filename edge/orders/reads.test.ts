import { describe, expect, test } from "bun:test";
import { OrderStatus, Side } from "../../schemas/order.ts";
import type { FillRange, OrderRange, PreventedMatchRange } from "../../schemas/ports/order-log.ts";
import { call, errorOf, fakeServices, type Given, NOW_MS, ok } from "../testing/ops-fakes.ts";
import { AMENDMENT, FILL, LIMIT_ORDER, PREVENTED_MATCH } from "../testing/ops-orders.ts";
import { allOrders } from "./all-orders.ts";
import { myPreventedMatches } from "./my-prevented-matches.ts";
import { myTrades } from "./my-trades.ts";
import { openOrders } from "./open-orders.ts";
import { orderAmendments } from "./order-amendments.ts";
import { queryOrder } from "./query-order.ts";

const NAMED = { symbol: "BTCUSDT", orderId: "28" };
const DAY_MS = 86_400_000;

/** An account worker that has forgotten everything up to evSeq 40, and a log that stands at `evSeqs`. */
function forgotten(evSeqs: readonly number[], order: typeof LIMIT_ORDER | null): Given {
	let asked = 0;
	return {
		account: {
			findOrder: () => ok({ found: false, partition: 0, floorEvSeq: 40 }),
			recentOrders: () => ok({ orders: [], fills: [], partition: 0, floorEvSeq: 40 }),
		},
		orderLog: {
			async position() {
				const evSeq = evSeqs[Math.min(asked, evSeqs.length - 1)] ?? 0;
				asked += 1;
				return { evSeq, tradesOffset: 0, logId: null };
			},
			orderById: async () => order,
			orderByClientId: async () => order,
			orders: async () => (order === null ? [] : [order]),
			fills: async () => [FILL],
		},
	};
}

describe("an order that the account worker does not have", () => {
	test("is found in the order log", async () => {
		const { body } = await call(fakeServices(forgotten([40], LIMIT_ORDER)), queryOrder, NAMED);
		expect(body).toMatchObject({ orderId: 28, status: "PARTIALLY_FILLED" });
	});

	test("does not exist when the log has passed the floor", async () => {
		const error = await errorOf(call(fakeServices(forgotten([40], null)), queryOrder, NAMED));
		expect(error).toEqual({ code: -2013, msg: "Order does not exist.", status: 400 });
	});

	test("is waited for while the log is behind", async () => {
		const services = fakeServices(forgotten([10, 39, 40], LIMIT_ORDER));
		expect((await call(services, queryOrder, NAMED)).body).toMatchObject({ orderId: 28 });
	});

	test("is unknown, never absent, when the log stays behind", async () => {
		for (const operation of [queryOrder, allOrders, myTrades]) {
			const services = fakeServices(forgotten([39], null));
			const error = await errorOf(call(services, operation, NAMED));
			expect(error).toMatchObject({ code: -1007, status: 503 });
		}
	});

	test("must have the client id that was sent along", async () => {
		const services = fakeServices(forgotten([40], LIMIT_ORDER));
		const both = { ...NAMED, origClientOrderId: LIMIT_ORDER.clientOrderId };
		expect((await call(services, queryOrder, both)).body).toMatchObject({ orderId: 28 });
		const other = { ...NAMED, origClientOrderId: "other" };
		expect(await errorOf(call(services, queryOrder, other))).toMatchObject({ code: -2039 });
	});
});

test("an order that the engine has not answered is unknown, and in no list", async () => {
	const pending = { ...LIMIT_ORDER, orderId: 0, status: OrderStatus.Pending };
	const services = fakeServices({
		account: {
			findOrder: () => ok({ found: true, order: pending, fills: [] }),
			openOrders: () => ok([pending]),
			recentOrders: () => ok({ orders: [pending], fills: [], partition: 0, floorEvSeq: 0 }),
		},
		orderLog: {
			position: async () => ({ evSeq: 0, tradesOffset: 0, logId: null }),
			orders: async () => [],
		},
	});
	expect(await errorOf(call(services, queryOrder, NAMED))).toMatchObject({ code: -1007 });
	expect((await call(services, openOrders, {})).body).toEqual([]);
	expect((await call(services, allOrders, { symbol: "BTCUSDT" })).body).toEqual([]);
});

test("the account worker is asked before the order log", async () => {
	const asked: string[] = [];
	const services = fakeServices({
		account: {
			recentOrders() {
				asked.push("worker");
				return ok({ orders: [], fills: [], partition: 0, floorEvSeq: 0 });
			},
		},
		orderLog: {
			position: async () => ({ evSeq: 0, tradesOffset: 0, logId: null }),
			async orders() {
				asked.push("log");
				return [];
			},
			async fills() {
				asked.push("log");
				return [];
			},
		},
	});
	await call(services, allOrders, { symbol: "BTCUSDT" });
	await call(services, myTrades, { symbol: "BTCUSDT" });
	expect(asked).toEqual(["worker", "log", "worker", "log"]);
});

test("pages of fills by id, each from the last one's id on, have both sides of every trade", async () => {
	const trades = [1, 2, 3].flatMap((tradeId) => [
		{ ...FILL, tradeId, orderId: 11, side: Side.Sell },
		{ ...FILL, tradeId, orderId: 12, side: Side.Buy },
	]);
	const services = fakeServices({
		account: {
			recentOrders: () => ok({ orders: [], fills: [], partition: 0, floorEvSeq: 0 }),
		},
		orderLog: {
			position: async () => ({ evSeq: 0, tradesOffset: 0, logId: null }),
			fills: async (_userId, _symbolId, { fromTradeId, limit }) =>
				trades.filter(({ tradeId }) => tradeId >= fromTradeId).slice(0, limit),
		},
	});
	for (const limit of [1, 3]) {
		const rows: { id: number; orderId: number }[] = [];
		for (let fromId = 1; fromId < 4; fromId = rows.at(-1)!.id + 1) {
			const params = { symbol: "BTCUSDT", fromId: String(fromId), limit: String(limit) };
			rows.push(...((await call(services, myTrades, params)).body as typeof rows));
		}
		expect(rows.map(({ id, orderId }) => `${id}/${orderId}`).sort()).toEqual(
			trades.map(({ tradeId, orderId }) => `${tradeId}/${orderId}`),
		);
	}
});

describe("what happened to an order", () => {
	/** An account worker that has the order, and a log that stands one event before it at first. */
	function known(evSeqs: readonly number[]): Given {
		return {
			...forgotten(evSeqs, null),
			account: {
				findOrder: () => ok({ found: true, order: LIMIT_ORDER, fills: [] }),
				recentOrders: () =>
					ok({
						orders: [
							{ ...LIMIT_ORDER, preventedMatchId: 4 },
							{ ...LIMIT_ORDER, orderId: 27, preventedMatchId: 3, evSeq: 99 },
						],
						...{ fills: [], partition: 0, floorEvSeq: 30 },
					}),
			},
			orderLog: {
				...forgotten(evSeqs, null).orderLog,
				amendments: async () => [AMENDMENT],
				preventedMatches: async () => [PREVENTED_MATCH],
			},
		};
	}
	const MATCH = { symbol: "BTCUSDT", preventedMatchId: "4" };

	test.each([
		[orderAmendments, NAMED],
		[myPreventedMatches, NAMED],
		[myPreventedMatches, MATCH],
	] as const)(
		"%#: is read once the log has it, and is unknown until then",
		async (operation, params) => {
			const { body } = await call(fakeServices(known([38, 39, 40])), operation, params);
			expect(body).toHaveLength(1);
			const behind = errorOf(call(fakeServices(known([39])), operation, params));
			expect(await behind).toMatchObject({ code: -1007, status: 503 });
		},
	);

	test("of an order that the account worker has forgotten, from the floor on", async () => {
		const services = fakeServices({
			...forgotten([40], null),
			orderLog: { ...forgotten([40], null).orderLog, amendments: async () => [] },
		});
		expect((await call(services, orderAmendments, NAMED)).body).toEqual([]);
		const behind = fakeServices(forgotten([39], null));
		expect(await errorOf(call(behind, orderAmendments, NAMED))).toMatchObject({ code: -1007 });
	});

	test.each([
		[{ symbol: "BTCUSDT" }, -1128],
		[{ ...NAMED, preventedMatchId: "4" }, -1128],
		[{ ...MATCH, fromPreventedMatchId: "1" }, -1128],
		[{ ...NAMED, limit: "0" }, -1130],
		[{ ...NAMED, symbol: "NOPE" }, -1121],
	])("myPreventedMatches refuses %o", async (params, code) => {
		const attempt = call(fakeServices(known([40])), myPreventedMatches, params);
		expect(await errorOf(attempt)).toMatchObject({ code, status: 400 });
	});

	test("amendments without an order", async () => {
		const attempt = call(fakeServices(known([40])), orderAmendments, { symbol: "BTCUSDT" });
		expect(await errorOf(attempt)).toMatchObject({ code: -1102 });
	});

	test("ranges reach the order log as they were meant", async () => {
		const seen: PreventedMatchRange[] = [];
		const services = fakeServices({
			...known([40]),
			orderLog: {
				...known([40]).orderLog,
				async preventedMatches(_userId, _symbolId, range) {
					seen.push(range);
					return [];
				},
			},
		});
		await call(services, myPreventedMatches, MATCH);
		await call(services, myPreventedMatches, {
			...NAMED,
			fromPreventedMatchId: "3",
			limit: "5000",
		});
		expect(seen).toEqual([
			{ preventedMatchId: 4 },
			{ orderId: 28, fromPreventedMatchId: 3, limit: 1000 },
		]);
	});
});

describe("windows of the past", () => {
	const day = { startTime: String(NOW_MS - DAY_MS), endTime: String(NOW_MS) };
	const longer = { ...day, startTime: String(NOW_MS - DAY_MS - 1) };
	const backwards = { startTime: String(NOW_MS), endTime: String(NOW_MS - 1) };

	test.each([
		["more than a day", longer, -1127],
		["an end before the start", backwards, -1128],
		["a time that is none", { startTime: "yesterday" }, -1100],
		["a limit of 0", { limit: "0" }, -1130],
		["a limit that is none", { limit: "-5" }, -1100],
	])("refuses %s", async (_name, params, code) => {
		for (const operation of [allOrders, myTrades]) {
			const attempt = call(fakeServices(), operation, { symbol: "BTCUSDT", ...params });
			expect(await errorOf(attempt)).toMatchObject({ code, status: 400 });
		}
	});

	test.each([
		["an order and a time", { orderId: "1", startTime: "1" }],
		["a trade and a time", { fromId: "1", endTime: "1" }],
	])("myTrades refuses %s", async (_name, params) => {
		const attempt = call(fakeServices(), myTrades, { symbol: "BTCUSDT", ...params });
		expect(await errorOf(attempt)).toMatchObject({ code: -1128 });
	});

	test("a whole day is not too much", async () => {
		const services = fakeServices(forgotten([40], LIMIT_ORDER));
		const { body } = await call(services, allOrders, { symbol: "BTCUSDT", ...day });
		expect(body).toMatchObject([{ orderId: 28 }]);
	});

	test("ranges reach the order log as they were meant", async () => {
		const seen: (OrderRange | FillRange)[] = [];
		const services = fakeServices({
			...forgotten([40], null),
			orderLog: {
				position: async () => ({ evSeq: 40, tradesOffset: 0, logId: null }),
				async orders(_userId, _symbolId, range) {
					seen.push(range);
					return [];
				},
				async fills(_userId, _symbolId, range) {
					seen.push(range);
					return [];
				},
			},
		});
		await call(services, allOrders, { symbol: "BTCUSDT", orderId: "0", limit: "5000" });
		await call(services, allOrders, { symbol: "BTCUSDT", startTime: `${NOW_MS}000` });
		await call(services, myTrades, { symbol: "BTCUSDT", orderId: "4", fromId: "9" });
		// The end of time 0 is an end: nothing is before it.
		await call(services, allOrders, { symbol: "BTCUSDT", endTime: "0" });
		await call(services, myTrades, { symbol: "BTCUSDT", startTime: "0", endTime: "0" });
		expect(seen).toEqual([
			{ fromOrderId: 1, startMs: 0, endMs: 0, limit: 1000 },
			{ fromOrderId: 0, startMs: NOW_MS, endMs: 0, limit: 500 },
			{ orderId: 4, fromTradeId: 9, startMs: 0, endMs: 0, limit: 501 },
			{ fromOrderId: 0, startMs: 0, endMs: 1, limit: 500 },
			{ orderId: 0, fromTradeId: 0, startMs: 1, endMs: 1, limit: 501 },
		]);
	});
});
