import { expect, test } from "bun:test";
import { buy, marketBuy, restore, sell } from "../../engine/testing/commands.ts";
import { OrderType, TimeInForce } from "../../schemas/order.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import { BTCUSDT } from "../accounts/testing/symbols.ts";
import { restartedBook } from "./open-books.ts";

const specOf = (symbolId: number) => (symbolId === 1 ? BTCUSDT : undefined);

/** Ids of those that cannot be put back, and why. */
function ended(...orders: readonly OrderState[]): [number, string][] {
	return restartedBook(orders, { specOf }).map(({ order, why }) => [order.orderId, why]);
}

function open(
	orderId: number,
	placed: Parameters<typeof restore>[1],
	more: Partial<OrderState> = {},
) {
	return restore(orderId, placed, more).order;
}

test("orders that keep out of each other's way come back", () => {
	expect(ended(open(1, buy(1, 5, 99)), open(2, sell(2, 5, 100)), open(3, buy(3, 5, 98)))).toEqual(
		[],
	);
});

test("of two that would meet the later one ends, whichever side it is on", () => {
	expect(ended(open(1, buy(1, 5, 99)), open(2, sell(2, 5, 99)), open(3, sell(2, 5, 98)))).toEqual([
		[2, "it would take"],
		[3, "it would take"],
	]);
	expect(ended(open(4, sell(1, 5, 99)), open(2, buy(2, 5, 99)), open(3, buy(2, 5, 98)))).toEqual([
		[2, "it would take"],
	]);
});

test("what ended leaves no mark on the book", () => {
	expect(ended(open(1, buy(1, 5, 99)), open(2, sell(2, 5, 90)), open(3, buy(3, 5, 95)))).toEqual([
		[2, "it would take"],
	]);
});

test("a waiting stop comes back and meets nobody; one that triggered is an order like any other", () => {
	const stop = sell(1, 5, 90, { type: OrderType.StopLossLimit, stopPriceTicks: 95 });
	expect(ended(open(1, buy(1, 5, 99)), open(2, stop, { workingAtMs: 0 }))).toEqual([]);
	expect(ended(open(1, buy(1, 5, 99)), open(2, stop))).toEqual([[2, "it would take"]]);
});

test("what was seen in the middle of its matching ends", () => {
	const cases = [
		marketBuy(1, 5, 1_000),
		buy(1, 5, 99, { timeInForce: TimeInForce.Ioc }),
		buy(1, 5, 99, { timeInForce: TimeInForce.Fok }),
		sell(1, 5, 0, { type: OrderType.StopLoss, stopPriceTicks: 95 }),
	];
	for (const placed of cases) expect(ended(open(1, placed))).toEqual([[1, "it was being matched"]]);
	expect(ended(open(1, buy(1, 5, 99), { cumQtyLots: 5 }))).toEqual([[1, "it was being matched"]]);
	const postOnly = buy(1, 5, 99, { type: OrderType.LimitMaker, timeInForce: TimeInForce.Ioc });
	expect(ended(open(1, postOnly))).toEqual([]);
});

test("an order of a symbol that nobody knows ends", () => {
	const unknown = open(1, buy(1, 5, 99, { symbolId: 9 }));
	expect(ended(unknown)).toEqual([[1, "its symbol is not known"]]);
});
