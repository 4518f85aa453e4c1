import { expect, test } from "bun:test";
import { GatheredLookUps } from "./gathered-look-ups.ts";

/** Queries are answered by hand, in order. */
function setUp() {
	const queries: { names: readonly string[]; answer: () => void; fail: () => void }[] = [];
	const lookUps = new GatheredLookUps<string>(
		(names) =>
			new Promise((resolve, reject) => {
				const known = names.filter((name) => name !== "nobody");
				queries.push({
					names,
					answer: () => resolve(new Map(known.map((name) => [name, `the ${name}`]))),
					fail: () => reject(new Error("away")),
				});
			}),
	);
	return { lookUps, queries };
}

test("what is asked while a query is under way goes out together after it", async () => {
	const { lookUps, queries } = setUp();
	const first = lookUps.find("a");
	const rest = Promise.all(["b", "nobody", "b"].map((name) => lookUps.find(name)));
	expect(queries.map(({ names }) => names)).toEqual([["a"]]);
	queries[0]?.answer();
	expect(await first).toBe("the a");
	await Promise.resolve();
	expect(queries[1]?.names).toEqual(["b", "nobody", "b"]);
	queries[1]?.answer();
	expect(await rest).toEqual(["the b", null, "the b"]);
});

test("no query asks for more than a hundred", async () => {
	const { lookUps, queries } = setUp();
	const first = lookUps.find("a");
	const rest = Promise.all(Array.from({ length: 150 }, (_, i) => lookUps.find(`n${i}`)));
	for (let i = 0; i < 3; i += 1) {
		queries[i]?.answer();
		await new Promise((resolve) => setTimeout(resolve));
	}
	await Promise.all([first, rest]);
	expect(queries.map(({ names }) => names.length)).toEqual([1, 100, 50]);
});

test("a failed query fails those who were in it, and the next goes on", async () => {
	const { lookUps, queries } = setUp();
	const first = lookUps.find("a");
	const second = lookUps.find("b");
	queries[0]?.fail();
	await expect(first).rejects.toThrow("away");
	await Promise.resolve();
	queries[1]?.answer();
	expect(await second).toBe("the b");
});
