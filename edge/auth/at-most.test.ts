import { expect, test } from "bun:test";
import { AtMost } from "./at-most.ts";

test("so many at once, the others in turn, beyond the queue refused", async () => {
	const turns = new AtMost(2, 1);
	const started: number[] = [];
	const finish: (() => void)[] = [];
	const task = (n: number) =>
		turns.run(() => {
			started.push(n);
			return new Promise<number>((resolve) => finish.push(() => resolve(n)));
		});
	const [first, second, third] = [task(1), task(2), task(3)];
	expect(task(4)).rejects.toMatchObject({ status: 429, code: -1008 });
	expect(started).toEqual([1, 2]);
	finish[0]!();
	expect(await first).toBe(1);
	await Promise.resolve();
	expect(started).toEqual([1, 2, 3]);
	finish[1]!();
	finish[2]!();
	expect(await Promise.all([second, third])).toEqual([2, 3]);
});

test("a task that fails gives its place back", async () => {
	const turns = new AtMost(1, 0);
	const failing = () => Promise.reject(new Error("no"));
	for (let i = 0; i < 3; i++) {
		const reason = await turns.run(failing).catch((error: Error) => error.message);
		expect(reason).toBe("no");
	}
	expect(await turns.run(async () => 5)).toBe(5);
});
