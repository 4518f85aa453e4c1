import { expect, test } from "bun:test";
import type { AccountService, Outcome } from "../schemas/ports/account-service.ts";
import type { LogFields } from "../schemas/ports/logger.ts";
import { answeredCommand } from "./answered-command.ts";
import type { Operation } from "./operation.ts";
import { amendOrder } from "./orders/amend-order.ts";
import { cancelOpenOrders } from "./orders/cancel-open-orders.ts";
import { cancelOrder } from "./orders/cancel-order.ts";
import { cancelReplace } from "./orders/cancel-replace.ts";
import { placeOrder } from "./orders/place-order.ts";
import { call, fakeServices, NOW_MS } from "./testing/ops-fakes.ts";
import { LIMIT_ORDER } from "./testing/ops-orders.ts";

const command = { partition: 0, shard: 2, epoch: 4, seq: 30 };
const transactMs = NOW_MS;
const order = { ...LIMIT_ORDER, orderId: 51 };
const placed = { order, fills: [], transactMs, orderCounts: [] };
const canceled = { order, origClientOrderId: "a", clientOrderId: "b", transactMs };
const old = { ...canceled, order: { ...order, orderId: 50 } };
const unknown = { result: "failure", refusal: { reason: "unknownOrder" } } as const;
const LIMIT = {
	...{ symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC" },
	...{ quantity: "0.5", price: "60000" },
};
const REPLACE = { ...LIMIT, cancelReplaceMode: "ALLOW_FAILURE", cancelOrderId: "50" };
const BY_ID = { symbol: "BTCUSDT", orderId: "51" };
const trace = "0-2-30";

const amended = { ...canceled, executionId: 1 };
const success = <T>(answer: T) => ({ result: "success", answer }) as const;
const replaced = { cancel: success(old), place: success(placed), orderCounts: [] };

interface Row {
	readonly name: keyof AccountService;
	readonly value: unknown;
	readonly operation: Operation;
	readonly params: Readonly<Record<string, string>>;
	readonly told: LogFields;
}
const ROWS: readonly Row[] = [
	{
		...{ name: "placeOrder", value: placed, operation: placeOrder, params: LIMIT },
		told: { trace, orderId: 51 },
	},
	{
		...{ name: "cancelOrder", value: canceled, operation: cancelOrder, params: BY_ID },
		told: { trace, orderId: 51 },
	},
	{
		...{ name: "amendOrder", value: amended, operation: amendOrder },
		...{ params: { ...BY_ID, newQty: "0.1" }, told: { trace, orderId: 51 } },
	},
	{
		...{ name: "cancelAll", value: { canceled: [canceled] }, operation: cancelOpenOrders },
		...{ params: { symbol: "BTCUSDT" }, told: { trace } },
	},
	{
		...{ name: "cancelReplace", value: replaced, operation: cancelReplace, params: REPLACE },
		told: { trace, orderId: 51, cancelOrderId: 50 },
	},
];

test.each(ROWS)("$name is told with its trace and its order", async (row) => {
	const answer = async () => ({ ok: true, value: row.value, command });
	const services = fakeServices({ account: { [row.name]: answer } });
	const { outcome } = await call(services, row.operation, row.params);
	expect(answeredCommand(outcome as Outcome<unknown>)).toEqual(row.told);
});

test("half a cancel-replace names the half that was done", () => {
	const half = (cancel: object, place: object) =>
		answeredCommand({ ok: true, value: { cancel, place, orderCounts: [] }, command });
	expect(half(success(old), unknown)).toEqual({ trace, cancelOrderId: 50 });
	expect(half(unknown, success(placed))).toEqual({ trace, orderId: 51 });
});

test("what the engine refused has a trace; what never reached the log has none", () => {
	const refusal = { reason: "unknownOrder" } as const;
	expect(answeredCommand({ ok: false, refusal, command })).toEqual({ trace });
	expect(answeredCommand({ ok: false, refusal })).toEqual({});
});
