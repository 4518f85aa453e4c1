import { expect, test } from "bun:test";
import { sampleOrder } from "../../db/ledger/contract/ledger-samples.ts";
import { OrderStatus } from "../../schemas/order.ts";
import { FinishedOrders } from "./finished-orders.ts";
import { Tracked } from "./tracked.ts";

function finished(evSeq: number, partition = 0): Tracked {
	const state = sampleOrder(evSeq, { evSeq, partition, status: OrderStatus.Filled });
	const user = { open: new Set<Tracked>(), bySymbol: new Map() };
	return new Tracked(state, user, { kept: new Set(), open: 0, stops: 0, byClientId: new Map() });
}

function takenEvSeqs(orders: FinishedOrders, finishedBeforeMs: number): number[] {
	return [...orders.takeForgettable(finishedBeforeMs)].map(({ state }) => state.evSeq);
}

test("a finished order goes when the order log has it and it is old enough, not before", () => {
	const orders = new FinishedOrders(1);
	for (const [evSeq, atMs] of [
		[10, 100],
		[20, 200],
		[30, 300],
	] as const) {
		orders.push(finished(evSeq), atMs);
	}
	expect(takenEvSeqs(orders, 1_000)).toEqual([]);
	orders.orderLogAt(0, 20);
	expect(takenEvSeqs(orders, 99)).toEqual([]);
	expect(takenEvSeqs(orders, 100)).toEqual([10]);
	expect([orders.floor(0), orders.count()]).toEqual([10, 2]);
	// A position that is told late takes nothing back.
	orders.orderLogAt(0, 5);
	expect(takenEvSeqs(orders, 1_000)).toEqual([20]);
	expect([orders.floor(0), orders.count()]).toEqual([20, 1]);
	orders.orderLogAt(0, 30);
	expect(takenEvSeqs(orders, 1_000)).toEqual([30]);
	expect(orders.count()).toBe(0);
});

test("the floor is the greatest position below which something may be missing, and never falls", () => {
	const orders = new FinishedOrders(2);
	expect([orders.floor(0), orders.floor(1)]).toEqual([0, 0]);
	orders.raiseFloor(0, 50);
	orders.raiseFloor(0, 40);
	expect([orders.floor(0), orders.floor(1)]).toEqual([50, 0]);
	// Ended before the start, dropped after it: the floor stays with the ledger's position.
	orders.push(finished(45), 0);
	orders.orderLogAt(0, 45);
	expect(takenEvSeqs(orders, 0)).toEqual([45]);
	expect(orders.floor(0)).toBe(50);
});

test("before the order log has said where it stands, nothing goes", () => {
	const orders = new FinishedOrders(1);
	orders.push(finished(1), 0);
	expect(takenEvSeqs(orders, 1_000)).toEqual([]);
});

test("each partition has its own order log position", () => {
	const orders = new FinishedOrders(2);
	orders.push(finished(10), 0);
	orders.push(finished(10, 1), 0);
	orders.orderLogAt(1, 10);
	expect(takenEvSeqs(orders, 0)).toEqual([10]);
	expect([orders.floor(0), orders.floor(1), orders.count()]).toEqual([0, 10, 1]);
});
