import { expect, test } from "bun:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "./byte-writer.ts";
import { barOpen, DAY_MS, MINUTE_MS } from "./intervals.ts";
import { RollingTrades } from "./rolling-trades.ts";
import type { Second } from "./seconds-codec.ts";
import { TradeTotals } from "./trade-totals.ts";

/** A multiple of a day, so that windows' edges meet minutes' now and then. */
const START_MS = 20_000 * DAY_MS;

const pause = fc.oneof(
	{ weight: 6, arbitrary: fc.integer({ min: 1, max: 30 }) },
	{ weight: 2, arbitrary: fc.integer({ min: 1, max: 600 }) },
	{ weight: 1, arbitrary: fc.integer({ min: 1, max: 30_000 }) },
);
const second = fc.record({
	pause,
	/** Ids that a lost log may have used. */
	skipped: fc.oneof({ weight: 19, arbitrary: fc.constant(0) }, fc.nat(1_000_000_000)),
	prices: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 3 }),
});

function copyOf(rolling: RollingTrades): RollingTrades {
	const out = new ByteWriter();
	for (const _ of rolling.write(out));
	const read = new ByteReader(out.take());
	const copy = RollingTrades.read(read);
	expect(read.atEnd).toBe(true);
	return copy;
}

test("windows from any second of the last day, and any minute of the week, equal their seconds", () => {
	let withinMinutes = 0;
	const check = (list: readonly Second[], rolling: RollingTrades, openMs: number) => {
		const own = list.filter((s) => s.openMs >= openMs);
		const expected = new TradeTotals();
		for (const { totals } of own) expected.addTotals(totals);
		const { totals, closeBeforeTicks } = rolling.since(openMs);
		expect(totals).toEqual(expected);
		const before = list.filter((s) => s.openMs < openMs).at(-1);
		expect(closeBeforeTicks).toBe(before?.totals.closeTicks ?? 0);
		if (before !== undefined && own[0] !== undefined) {
			const split = barOpen("1m", own[0].openMs) === barOpen("1m", before.openMs);
			if (split && own.length > 20) withinMinutes += 1;
		}
	};
	fc.assert(
		fc.property(
			fc.array(second, { minLength: 30, maxLength: 400, size: "max" }),
			fc.nat(400),
			fc.array(fc.tuple(fc.nat(DAY_MS), fc.nat(7 * DAY_MS)), { minLength: 10 }),
			(steps, copyAt, windows) => {
				let rolling = new RollingTrades();
				let openMs = START_MS;
				let id = 0;
				const list: Second[] = [];
				for (const [i, step] of steps.entries()) {
					openMs += step.pause * 1_000;
					const totals = new TradeTotals();
					for (const priceTicks of step.prices) {
						id += step.skipped + 1;
						const rest = { symbolId: 1, ts: openMs, qtyLots: priceTicks * 3, buyerIsMaker: true };
						totals.addTrade({ tradeId: id, priceTicks, ...rest });
					}
					list.push({ openMs, totals });
					rolling.addSecond(openMs, totals);
					if (i === copyAt) rolling = copyOf(rolling);
				}
				for (const [short, long] of windows) {
					check(list, rolling, barOpen("1s", openMs - short));
					check(list, rolling, barOpen("1m", openMs - long));
				}
				// Around the seconds there are: every edge within a minute.
				for (const { openMs: at } of list.slice(-60)) {
					if (at >= openMs - DAY_MS) check(list, rolling, at);
					if (at >= openMs - DAY_MS) check(list, rolling, at + 1_000);
				}
			},
		),
		{ numRuns: 60 },
	);
	expect(withinMinutes).toBeGreaterThan(50);
});

test("what no window reaches is forgotten", () => {
	const rolling = new RollingTrades();
	const one = new TradeTotals();
	one.addTrade({ symbolId: 1, tradeId: 1, priceTicks: 9, qtyLots: 1, ts: 0, buyerIsMaker: true });
	const size = () => {
		const out = new ByteWriter();
		for (const _ of rolling.write(out));
		return out.take().length;
	};
	const trade = (fromMs: number, untilMs: number) => {
		for (let at = fromMs; at < untilMs; at += MINUTE_MS / 6) rolling.addSecond(START_MS + at, one);
	};
	trade(0, 2 * DAY_MS);
	const twoDays = size();
	trade(2 * DAY_MS, 3 * DAY_MS);
	expect(size()).toBeLessThan(twoDays * 1.2);
	trade(3 * DAY_MS, 8 * DAY_MS);
	const week = size();
	for (let at = 8 * DAY_MS; at < 30 * DAY_MS; at += 3 * MINUTE_MS) {
		rolling.addSecond(START_MS + at, one);
	}
	expect(size()).toBeLessThan(week);
	expect(rolling.since(START_MS + 30 * DAY_MS + MINUTE_MS).closeBeforeTicks).toBe(9);
});
