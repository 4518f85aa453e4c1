import { expect, test } from "bun:test";
import { order, user } from "../accounts/testing/world.ts";
import { recover } from "./recover.ts";
import { LossyVenue } from "./testing/lossy-venue.ts";

test("an order that the ledger has never seen keeps every client id by which it went", async () => {
	const venue = new LossyVenue(7);
	await venue.open();
	for (const shard of [1, 2]) venue.cutLedger(shard);
	const place = (clientOrderId: string) =>
		venue.finish(
			venue
				.serviceOf(1)
				.placeOrder(user(1), order({ symbolId: 1, clientOrderId, priceTicks: 95, qtyLots: 5 })),
		);
	const amend = (origClientOrderId: string, clientOrderId: string, newQtyLots: number) => {
		const named = { symbolId: 1, orderId: 0, origClientOrderId };
		return venue.finish(
			venue.serviceOf(1).amendOrder(user(1), { ...named, clientOrderId, newQtyLots }),
		);
	};
	expect((await place("first")).ok).toBe(true);
	expect((await amend("first", "second", 4)).ok).toBe(true);
	expect((await amend("second", "third", 3)).ok).toBe(true);
	await venue.time.advance(2_000);
	venue.lose();
	await venue.finish(recover(venue.ports(), () => {}));
	await venue.start();
	for (const clientOrderId of ["first", "second", "third"]) {
		expect(await place(clientOrderId)).toMatchObject({
			ok: false,
			refusal: { reason: "duplicateOrder" },
		});
	}
	expect((await place("fourth")).ok).toBe(true);
	await venue.time.advance(1_000);
	expect(await venue.faults()).toEqual([]);
	await venue.close();
});
