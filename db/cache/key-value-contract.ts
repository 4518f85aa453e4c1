import { describe, expect, test } from "bun:test";
import type { KeyValue } from "../../schemas/ports/key-value.ts";

export interface KeyValueUnderTest {
	readonly keyValue: KeyValue;
	/** Lets this much time pass, for the store. */
	pass(ms: number): Promise<void>;
	close(): Promise<void>;
}

/** What every KeyValue does. `make` gives an empty one. */
export function keyValueContract(name: string, make: () => Promise<KeyValueUnderTest>): void {
	const withStore = (title: string, run: (under: KeyValueUnderTest) => Promise<void>) =>
		test(title, async () => {
			const under = await make();
			try {
				await run(under);
			} finally {
				await under.close();
			}
		});

	describe(`${name}: the key-value contract`, () => {
		withStore("gets what was set last, and null for the rest", async ({ keyValue }) => {
			expect(await keyValue.get("a")).toBeNull();
			await keyValue.set("a", "1", 60_000);
			await keyValue.set("b", "", 60_000);
			await keyValue.set("a", "zwei\n", 60_000);
			expect(await keyValue.get("a")).toBe("zwei\n");
			expect(await keyValue.get("b")).toBe("");
			expect(await keyValue.get("c")).toBeNull();
		});

		withStore("deletes", async ({ keyValue }) => {
			await keyValue.set("a", "1", 60_000);
			await keyValue.delete("a");
			await keyValue.delete("a");
			expect(await keyValue.get("a")).toBeNull();
		});

		withStore("a value expires; setting it again starts anew", async ({ keyValue, pass }) => {
			await keyValue.set("short", "1", 40_000);
			await keyValue.set("renewed", "1", 40_000);
			await pass(25_000);
			expect(await keyValue.get("short")).toBe("1");
			await keyValue.set("renewed", "2", 40_000);
			await pass(25_000);
			expect(await keyValue.get("short")).toBeNull();
			expect(await keyValue.get("renewed")).toBe("2");
		});

		withStore("replaces what it is told is there, or nothing", async ({ keyValue, pass }) => {
			expect(await keyValue.replace("a", "", "1", 40_000)).toBe(false);
			const first = ["1", "2", "3"].map((value) => keyValue.replace("a", null, value, 40_000));
			expect(await Promise.all(first)).toEqual([true, false, false]);
			await pass(25_000);
			expect(await keyValue.replace("a", "2", "4", 40_000)).toBe(false);
			expect(await keyValue.replace("a", "1", "", 40_000)).toBe(true);
			expect(await keyValue.replace("a", null, "5", 40_000)).toBe(false);
			await pass(25_000);
			expect(await keyValue.get("a")).toBe("");
			await pass(25_000);
			expect(await keyValue.replace("a", "", "6", 40_000)).toBe(false);
			expect(await keyValue.replace("a", null, "7", 40_000)).toBe(true);
			expect(await keyValue.get("a")).toBe("7");
		});

		withStore("renews what is there, and makes nothing", async ({ keyValue, pass }) => {
			await keyValue.set("a", "1", 40_000);
			await pass(25_000);
			expect(await keyValue.renew("a", 40_000)).toBe(true);
			await pass(25_000);
			expect(await keyValue.get("a")).toBe("1");
			await pass(25_000);
			expect(await keyValue.renew("a", 40_000)).toBe(false);
			await keyValue.set("b", "1", 40_000);
			await keyValue.delete("b");
			expect(await keyValue.renew("b", 40_000)).toBe(false);
			expect([await keyValue.get("a"), await keyValue.get("b")]).toEqual([null, null]);
		});

		withStore("counts, also concurrently", async ({ keyValue }) => {
			const values = await Promise.all([1, 2, 3].map((by) => keyValue.increment("n", by, 60_000)));
			expect(values).toEqual([1, 3, 6]);
			expect(await keyValue.increment("n", -2, 60_000)).toBe(4);
			expect(await keyValue.get("n")).toBe("4");
		});

		withStore("a counter expires by its first increment", async ({ keyValue, pass }) => {
			await keyValue.increment("n", 1, 40_000);
			await pass(25_000);
			expect(await keyValue.increment("n", 1, 40_000)).toBe(2);
			await pass(25_000);
			expect(await keyValue.increment("n", 1, 40_000)).toBe(1);
		});
	});
}
