import { describe, expect, test } from "bun:test";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { OrderStatus, OrderType } from "../../schemas/order.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import { Orders } from "./orders.ts";
import { openOrder } from "./testing/state.ts";
import type { Tracked } from "./tracked.ts";

const USER = 7;
const all = () => Number.MAX_SAFE_INTEGER;

function pending(seq: number, changes: Partial<OrderState> = {}): OrderState {
	return openOrder(seq, { status: OrderStatus.Pending, orderId: 0, ...changes });
}

/** Takes the order in and has it answered with order id 500 + seq. */
function placed(orders: Orders, seq: number, changes: Partial<OrderState> = {}): Tracked {
	const tracked = orders.add(pending(seq, changes));
	orders.admit(tracked, openOrder(seq, changes));
	return tracked;
}

function finish(orders: Orders, tracked: Tracked, status: OrderStatus = OrderStatus.Filled): void {
	orders.finish(tracked, { ...tracked.state, status, heldAmount: 0n }, 1_000);
}

const idsOf = (tracked: Iterable<Tracked>) => [...tracked].map(({ state }) => state.orderId);

describe("found", () => {
	test("an unanswered order by its command and its client id, an answered one by its order id", () => {
		const orders = new Orders(2);
		const tracked = orders.add(pending(1));
		expect(orders.pendingAt(0, 1)).toBe(tracked);
		expect(orders.pendingAt(1, 1)).toBeUndefined();
		expect(orders.find(1, 0)).toBeUndefined();
		expect(orders.findByClientId(USER, 1, "o-1")).toBe(tracked);
		orders.admit(tracked, openOrder(1));
		expect(orders.pendingAt(0, 1)).toBeUndefined();
		expect(orders.find(1, 501)).toBe(tracked);
		expect(orders.find(2, 501)).toBeUndefined();
	});

	test("by client id in its own symbol only, and of its own user", () => {
		const orders = new Orders(2);
		placed(orders, 1);
		expect(orders.findByClientId(USER, 2, "o-1")).toBeUndefined();
		expect(orders.findByClientId(8, 1, "o-1")).toBeUndefined();
		expect(orders.findByClientId(USER, 1, "other")).toBeUndefined();
	});

	test("of what the ledger had: answered orders by id, unanswered ones by their command", () => {
		const orders = new Orders(2);
		orders.load(openOrder(1));
		orders.load(pending(2));
		expect(orders.find(1, 501)?.state.seq).toBe(1);
		expect(orders.pendingAt(0, 1)).toBeUndefined();
		expect(orders.find(1, 0)).toBeUndefined();
		expect(orders.pendingAt(0, 2)?.state.seq).toBe(2);
	});

	test("after its end until it is forgotten, by id and by client id", () => {
		const orders = new Orders(2);
		const tracked = placed(orders, 1);
		const other = placed(orders, 2);
		finish(orders, tracked);
		orders.finished.orderLogAt(0, 1_000);
		orders.forget(999);
		expect(orders.find(1, 501)).toBe(tracked);
		expect(orders.findByClientId(USER, 1, "o-1")).toBe(tracked);
		orders.forget(1_000);
		expect(orders.find(1, 501)).toBeUndefined();
		expect(orders.findByClientId(USER, 1, "o-1")).toBeUndefined();
		expect(idsOf(orders.keptOf(USER, 1))).toEqual([502]);
		expect(orders.find(1, 502)).toBe(other);
	});

	test("the newest by a client id: forgetting an older one of the name does not lose it", () => {
		const orders = new Orders(2);
		const older = placed(orders, 1, { clientOrderId: "same" });
		finish(orders, older);
		const newer = placed(orders, 2, { clientOrderId: "same" });
		expect(orders.findByClientId(USER, 1, "same")).toBe(newer);
		orders.finished.orderLogAt(0, 1_000);
		orders.forget(1_000);
		expect(orders.findByClientId(USER, 1, "same")).toBe(newer);
	});

	test("under its new name after an amend, unless another has taken the old one", () => {
		const orders = new Orders(2);
		const tracked = placed(orders, 1, { clientOrderId: "before" });
		orders.change(tracked, { ...tracked.state, clientOrderId: "after" });
		expect(orders.findByClientId(USER, 1, "before")).toBeUndefined();
		expect(orders.findByClientId(USER, 1, "after")).toBe(tracked);
		const other = placed(orders, 2, { clientOrderId: "after" });
		orders.change(tracked, { ...tracked.state, clientOrderId: "again" });
		expect(orders.findByClientId(USER, 1, "after")).toBe(other);
	});

	test("a rejected order not at all", () => {
		const orders = new Orders(2);
		const tracked = orders.add(pending(1));
		orders.reject(tracked, { ...tracked.state, status: OrderStatus.Rejected, heldAmount: 0n });
		expect(orders.pendingAt(0, 1)).toBeUndefined();
		expect(orders.findByClientId(USER, 1, "o-1")).toBeUndefined();
		expect([...orders.all()]).toEqual([]);
		expect(orders.counts(USER, 1)).toMatchObject({ open: 0, stops: 0 });
	});
});

describe("open", () => {
	test("orders of one symbol or of all, oldest first, until they end", () => {
		const orders = new Orders(2);
		const first = placed(orders, 1);
		placed(orders, 2, { symbolId: 2, partition: 1 });
		placed(orders, 3);
		placed(orders, 4, { userId: 8 });
		expect(idsOf(orders.openOf(USER, 0))).toEqual([501, 502, 503]);
		expect(idsOf(orders.openOf(USER, 1))).toEqual([501, 503]);
		expect(idsOf(orders.openOf(USER, 2))).toEqual([502]);
		expect(orders.openOf(99, 0)).toEqual([]);
		finish(orders, first);
		expect(idsOf(orders.openOf(USER, 1))).toEqual([503]);
		expect(idsOf(orders.keptOf(USER, 1))).toEqual([501, 503]);
		expect(idsOf(orders.keptOf(USER, 9))).toEqual([]);
		expect(idsOf(orders.all())).toEqual([501, 503, 502, 504]);
	});

	test("a name is in use while its order is open or unanswered", () => {
		const orders = new Orders(2);
		expect(orders.isNamed(USER, "o-1")).toBe(false);
		const tracked = orders.add(pending(1));
		expect(orders.isNamed(USER, "o-1")).toBe(true);
		orders.admit(tracked, openOrder(1));
		expect(orders.isNamed(USER, "o-1")).toBe(true);
		finish(orders, tracked);
		expect(orders.isNamed(USER, "o-1")).toBe(false);
	});

	test("an order ends once", () => {
		const orders = new Orders(2);
		const tracked = placed(orders, 1);
		finish(orders, tracked);
		expect(() => finish(orders, tracked)).toThrow(InvariantViolation);
	});

	test("counts: orders, and stops that have not triggered", () => {
		const orders = new Orders(2);
		expect(orders.counts(USER, 1)).toBeUndefined();
		const stop = { type: OrderType.StopLossLimit, workingAtMs: 0 };
		placed(orders, 1);
		const triggers = placed(orders, 2, stop);
		const ends = placed(orders, 3, stop);
		expect(orders.counts(USER, 1)).toMatchObject({ open: 3, stops: 2 });
		orders.change(triggers, { ...triggers.state, workingAtMs: 5 });
		expect(orders.counts(USER, 1)).toMatchObject({ open: 3, stops: 1 });
		// It triggered once; what happens to it later is no trigger.
		orders.change(triggers, { ...triggers.state, cumQtyLots: 1 });
		expect(orders.counts(USER, 1)).toMatchObject({ open: 3, stops: 1 });
		finish(orders, triggers);
		expect(orders.counts(USER, 1)).toMatchObject({ open: 2, stops: 1 });
		finish(orders, ends, OrderStatus.Canceled);
		expect(orders.counts(USER, 1)).toMatchObject({ open: 1, stops: 0 });
	});

	test("an order that works from its admission on is no stop that triggered", () => {
		const orders = new Orders(2);
		const tracked = orders.add(pending(1, { workingAtMs: 0 }));
		orders.admit(tracked, openOrder(1, { workingAtMs: 5 }));
		expect(orders.counts(USER, 1)).toMatchObject({ open: 1, stops: 0 });
	});
});

describe("to the ledger", () => {
	const NOTHING = { opened: [], changed: [], closed: [] };

	test("what changed and is in the log; the rest waits", () => {
		const orders = new Orders(2);
		placed(orders, 1);
		orders.add(pending(2));
		placed(orders, 9, { partition: 1 });
		const logged = (partition: number) => (partition === 0 ? 1 : 8);
		const { opened, closed } = orders.takeDirty(logged);
		expect(opened.map(({ seq }) => seq)).toEqual([1]);
		expect(closed).toEqual([]);
		expect(orders.isDirty()).toBe(true);
		expect(orders.takeDirty(all).opened.map(({ seq }) => seq)).toEqual([2, 9]);
		expect(orders.isDirty()).toBe(false);
	});

	test("an order once, as it is now, however often it changed", () => {
		const orders = new Orders(2);
		const tracked = placed(orders, 1);
		orders.change(tracked, { ...tracked.state, cumQtyLots: 3 });
		expect(orders.takeDirty(all)).toEqual({ ...NOTHING, opened: [tracked.state] });
		expect(orders.takeDirty(all)).toEqual(NOTHING);
		orders.change(tracked, { ...tracked.state, cumQtyLots: 4 });
		expect(orders.takeDirty(all)).toEqual({ ...NOTHING, changed: [tracked.state] });
	});

	test("an end only of what the ledger has; what came and went leaves no row", () => {
		const orders = new Orders(2);
		const short = placed(orders, 1);
		finish(orders, short);
		expect(orders.takeDirty(all)).toEqual(NOTHING);
		const written = placed(orders, 2);
		orders.takeDirty(all);
		finish(orders, written);
		expect(orders.takeDirty(all)).toEqual({ ...NOTHING, closed: [{ partition: 0, seq: 2 }] });
		// Gone from the ledger: nothing is deleted twice.
		orders.change(written, { ...written.state, evSeq: 99 });
		expect(orders.takeDirty(all)).toEqual(NOTHING);
	});

	test("what it had is not written back; that it changed and ended is told", () => {
		const orders = new Orders(2);
		orders.load(openOrder(1));
		expect(orders.isDirty()).toBe(false);
		const loaded = orders.find(1, 501) as Tracked;
		orders.change(loaded, { ...loaded.state, cumQtyLots: 3 });
		expect(orders.takeDirty(all)).toEqual({ ...NOTHING, changed: [loaded.state] });
		finish(orders, loaded);
		expect(orders.takeDirty(all).closed).toEqual([{ partition: 0, seq: 1 }]);
	});
});
