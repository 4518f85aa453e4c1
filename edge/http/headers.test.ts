import { expect, test } from "bun:test";
import { AnswerHeaders } from "./headers.ts";

const TEN_SECONDS = { intervalMs: 10_000, limit: 50, count: 3 };
const DAY = { intervalMs: 86_400_000, limit: 1_000, count: 7 };

function countsOf(response: Response): string[] {
	return [...response.headers]
		.filter(([name]) => name.startsWith("x-mbx"))
		.map(([name, value]) => `${name}: ${value}`)
		.sort();
}

test("each answer has its own figures, and keeps them", () => {
	const headers = new AnswerHeaders({ "access-control-allow-origin": "*" });
	const first = new Response("", { headers: headers.of(1, [TEN_SECONDS, DAY]) });
	const second = new Response("", { headers: headers.of(2, []) });
	const third = new Response("", { headers: headers.of(3, [{ ...TEN_SECONDS, count: 4 }, DAY]) });
	expect(countsOf(first)).toEqual([
		"x-mbx-order-count-10s: 3",
		"x-mbx-order-count-1d: 7",
		"x-mbx-used-weight-1m: 1",
	]);
	expect(countsOf(second)).toEqual(["x-mbx-used-weight-1m: 2"]);
	expect(countsOf(third)[0]).toBe("x-mbx-order-count-10s: 4");
	for (const { headers } of [first, second, third]) {
		expect(headers.get("access-control-allow-origin")).toBe("*");
		expect(headers.get("cache-control")).toBe("no-cache, no-store, must-revalidate");
	}
});

test("a count of another interval leaves none of the last behind", () => {
	const headers = new AnswerHeaders({});
	headers.of(1, [TEN_SECONDS]);
	const other = new Response("", { headers: headers.of(1, [DAY]) });
	expect(countsOf(other)).toEqual(["x-mbx-order-count-1d: 7", "x-mbx-used-weight-1m: 1"]);
});
