import { describe, expect, test } from "bun:test";
import type { AveragePriceView } from "../../schemas/market.ts";
import type { Fill } from "../../schemas/order-state.ts";
import { FakeTime } from "../testing/fake-time.ts";
import { RecentAverages } from "./recent-averages.ts";
import type { Answered } from "./worker-link.ts";

const VIEW: AveragePriceView = {
	mins: 5,
	volumeLots: 10n,
	quoteTickLots: 1_000n,
	lastTicks: 100,
	closeTimeMs: 7,
};

function fillAt(evSeq: number): Fill {
	const ids = { partition: 0, symbolId: 1, tradeId: evSeq, orderId: 1, userId: 1 };
	const money = { priceTicks: 200, qtyLots: 10, feeAmount: 0n, feeAssetId: 1 };
	return { ...ids, ...money, side: 0, isMaker: false, ts: 1_000 + evSeq, evSeq };
}

/** Averages whose questions a test answers. */
function world() {
	const time = new FakeTime(0);
	const asked: { resolve: (a: Answered<AveragePriceView>) => void; reject: (e: Error) => void }[] =
		[];
	const averages = new RecentAverages(
		{ clock: time, scheduler: time },
		() => new Promise((resolve, reject) => asked.push({ resolve, reject })),
	);
	const answer = async (value: AveragePriceView, evSeq: number) => {
		asked.at(-1)?.resolve({ value, evSeq, settled: [] });
		await new Promise((resolve) => setImmediate(resolve));
	};
	return { time, asked, averages, answer };
}

describe("the average price without a question for each order", () => {
	test("the first of a symbol is asked for, once for all who wait", async () => {
		const { averages, asked, answer } = world();
		const waiting = [averages.of(1), averages.of(1)];
		await answer(VIEW, 5);
		expect(await Promise.all(waiting)).toEqual([VIEW, VIEW]);
		expect(averages.of(1)).toEqual(VIEW);
		expect(asked).toHaveLength(1);
	});

	test("it is renewed behind those who go on, and after a pause before them", async () => {
		const { time, averages, asked, answer } = world();
		void averages.of(1);
		await answer(VIEW, 5);
		time.advance(100);
		expect(averages.of(1)).toEqual(VIEW);
		expect(asked).toHaveLength(2);
		await answer({ ...VIEW, lastTicks: 101 }, 6);
		expect(averages.of(1)).toMatchObject({ lastTicks: 101 });
		time.advance(250);
		const waited = averages.of(1);
		expect(waited).toBeInstanceOf(Promise);
		await answer({ ...VIEW, lastTicks: 102 }, 7);
		expect(await waited).toMatchObject({ lastTicks: 102 });
	});

	test("trades answered here are added until market data has them", async () => {
		const { time, averages, answer } = world();
		const first = averages.of(1);
		averages.traded([fillAt(6), fillAt(5)]);
		await answer(VIEW, 5);
		const withOne = { ...VIEW, volumeLots: 20n, quoteTickLots: 3_000n, lastTicks: 200 };
		expect(await first).toEqual({ ...withOne, closeTimeMs: 1_006 });
		averages.traded([fillAt(7)]);
		expect(averages.of(1)).toMatchObject({ volumeLots: 30n, quoteTickLots: 5_000n });
		time.advance(100);
		averages.of(1);
		await answer(VIEW, 6);
		expect(averages.of(1)).toMatchObject({ volumeLots: 20n, closeTimeMs: 1_007 });
		time.advance(100);
		averages.of(1);
		await answer(VIEW, 7);
		expect(averages.of(1)).toEqual(VIEW);
		averages.traded([fillAt(7)]);
		expect(averages.of(1)).toEqual(VIEW);
	});

	test("with market data away the last one serves for a minute; nobody waits long for another", async () => {
		const { time, averages, asked, answer } = world();
		void averages.of(1);
		await answer(VIEW, 5);
		time.advance(300);
		const failing = averages.of(1);
		asked.at(-1)?.reject(new Error("away"));
		expect(await failing).toEqual(VIEW);
		const hanging = averages.of(1);
		await new Promise((resolve) => setImmediate(resolve));
		time.advance(250);
		expect(await hanging).toEqual(VIEW);
		asked.at(-1)?.reject(new Error("away"));
		await new Promise((resolve) => setImmediate(resolve));
		time.advance(60_000);
		const late = Promise.resolve(averages.of(1));
		asked.at(-1)?.reject(new Error("away"));
		await expect(late).rejects.toThrow("away");
	});
});
