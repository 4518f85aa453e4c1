import { expect, test } from "bun:test";
import { OrdersById } from "./orders-by-id.ts";
import { Dice } from "./testing/random-requests.ts";

test("finds what a plain map finds, whatever comes and goes", () => {
	const orders = new OrdersById<string>();
	const plain = new Map<number, string>();
	const dice = new Dice(7);
	for (let i = 0; i < 20_000; i += 1) {
		const id = 1 + dice.roll(2_000);
		if (dice.chance(500)) {
			orders.set(id, `${id} of ${i}`);
			plain.set(id, `${id} of ${i}`);
		} else {
			orders.delete(id);
			plain.delete(id);
		}
		expect(orders.get(id)).toBe(plain.get(id));
	}
	for (let id = 0; id <= 2_001; id += 1) expect(orders.get(id)).toBe(plain.get(id));
});

test("keeps no room for orders that are gone, however often one was told", () => {
	const orders = new OrdersById<number>();
	for (let id = 1; id <= 1_000; id += 1) {
		orders.set(id, id);
		orders.set(id, -id);
	}
	expect(orders.blockCount).toBe(4);
	for (let id = 1; id <= 1_000; id += 1) {
		orders.delete(id);
		orders.delete(id);
	}
	expect(orders.blockCount).toBe(0);
	orders.delete(5_000);
	expect(orders.blockCount).toBe(0);
});
