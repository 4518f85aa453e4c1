import { expect, test } from "bun:test";
import { ManualTime } from "../db/testing/manual-time.ts";
import { SpreadVisits } from "./spread-visits.ts";

function under() {
	const time = new ManualTime();
	const visited: number[] = [];
	return { time, visited, visits: new SpreadVisits<number>(time, (n) => visited.push(n)) };
}

const many = Array.from({ length: 10_000 }, (_, n) => n);

test("all are visited within a second, and never more than their share at once", () => {
	const { time, visited, visits } = under();
	visits.visitAll(many);
	for (let ms = 0; ms < 1_000; ms += 1) {
		const before = visited.length;
		time.advance(1);
		expect(visited.length - before).toBeLessThanOrEqual(500);
	}
	expect(visited).toEqual(many);
});

test("what is asked for while they are visited is a visit of each from then on, and no more at once", () => {
	const { time, visited, visits } = under();
	visits.visitAll(many);
	time.advance(500);
	const before = visited.length;
	visits.visitAll(many);
	time.advance(1_000);
	expect(visited.slice(before).sort((a, b) => a - b)).toEqual(many);
});

test("one alone is visited at once; none after the end", () => {
	const { time, visited, visits } = under();
	visits.visitAll([7]);
	expect(visited).toEqual([7]);
	visits.visitAll([1, 2, 3]);
	visits.stop();
	time.advance(1_000);
	expect(visited).toEqual([7, 1]);
});
