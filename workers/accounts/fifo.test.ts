import { expect, test } from "bun:test";
import { Fifo } from "./fifo.ts";

test("an empty queue has nothing to give", () => {
	const queue = new Fifo<number>();
	expect([queue.length, queue.first(), queue.shift(), queue.at(0)]).toEqual([
		0,
		undefined,
		undefined,
		undefined,
	]);
	queue.push(1);
	expect(queue.shift()).toBe(1);
	expect([queue.length, queue.first(), queue.shift()]).toEqual([0, undefined, undefined]);
	queue.push(2);
	expect([queue.length, queue.first(), queue.at(0)]).toEqual([1, 2, 2]);
});

test("what goes in comes out in order, however long the queue was and is", () => {
	const queue = new Fifo<number>();
	let pushed = 0;
	let taken = 0;
	for (const [pushes, shifts] of [
		[1_000, 500],
		[3_000, 3_200],
		[10, 300],
		[5_000, 4_900],
		[0, 110],
	] as const) {
		for (let i = 0; i < pushes; i += 1) queue.push(pushed + i);
		pushed += pushes;
		for (let i = 0; i < shifts; i += 1) expect(queue.shift()).toBe(taken + i);
		taken += shifts;
		const left = pushed - taken;
		expect(queue.length).toBe(left);
		expect(queue.first()).toBe(left === 0 ? undefined : taken);
		expect(queue.at(left - 1)).toBe(left === 0 ? undefined : pushed - 1);
		expect(queue.at(left)).toBeUndefined();
	}
	expect(pushed).toBe(taken);
});
