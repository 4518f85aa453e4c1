import { expect, test } from "bun:test";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { Waits } from "./waits.ts";

test("whoever waits is told when the partition has come so far, not before", async () => {
	const time = new VirtualTime();
	const waits = new Waits(time);
	const told: number[] = [];
	for (const evSeq of [5, 7, 6]) void waits.until(evSeq).then(() => told.push(evSeq));
	waits.reached(4);
	await time.settle();
	expect(told).toEqual([]);
	waits.reached(6);
	await time.settle();
	expect(told).toEqual([5, 6]);
	await time.advance(999);
	waits.reached(9);
	await time.advance(10_000);
	expect(told).toEqual([5, 6, 7]);
});

test("nobody waits longer than a second", async () => {
	const time = new VirtualTime();
	const waits = new Waits(time);
	const outcome = waits.until(5).then(
		() => "there",
		(error: Error) => error.message,
	);
	await time.advance(1_000);
	expect(await outcome).toBe("market data is behind evSeq 5");
});
