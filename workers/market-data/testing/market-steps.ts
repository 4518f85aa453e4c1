import fc from "fast-check";
import { Side } from "../../../schemas/order.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../intervals.ts";
import type { Step } from "./record-source.ts";

const side = fc.constantFrom(Side.Buy, Side.Sell);
const price = fc.integer({ min: 90, max: 110 });

/** Pauses of every length that a bar or window could trip over. */
const pause = fc.oneof(
	{ weight: 6, arbitrary: fc.integer({ min: 0, max: 400 }) },
	{ weight: 4, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
	{ weight: 3, arbitrary: fc.integer({ min: 0, max: 3 * MINUTE_MS }) },
	{ weight: 1, arbitrary: fc.integer({ min: 0, max: 8 * HOUR_MS }) },
	{ weight: 1, arbitrary: fc.integer({ min: 0, max: 20 * DAY_MS }) },
);

/** Random steps of a market; `symbolIds` are the symbols they are about. */
export function marketSteps(symbolIds: readonly number[], maxLength: number): fc.Arbitrary<Step[]> {
	const step: fc.Arbitrary<Step> = fc.record({
		afterMs: pause,
		symbolId: fc.constantFrom(...symbolIds),
		trades: fc.array(fc.tuple(price, fc.integer({ min: 1, max: 100_000_000 })), { maxLength: 4 }),
		takerSide: side,
		levels: fc.array(fc.tuple(side, price, fc.integer({ min: 0, max: 3 })), { maxLength: 4 }),
		split: fc.boolean(),
	});
	return fc.array(step, { maxLength });
}
