import type { Body } from "./account-model.ts";
import { type ExtremeSymbol, textOf, unitsOf } from "./extreme-venue.ts";
import type { Ground } from "./ground.ts";

const ONE = 10n ** 8n;
const AVERAGE_MS = 300_000;
/** A trade so close to the beginning of the average's window may be in it or not, ms. */
const UNCLEAR_MS = 3_000;
const MOST_TRADES = 1_000;

/** Sums of trades, in units of 10^-8. */
interface Sums {
	readonly lots: bigint;
	readonly quote: bigint;
}

/** Tickers, bars, average and levels of a symbol are what its trades and open orders make, to the last digit. */
export async function marketAgrees(
	ground: Ground,
	symbol: ExtremeSymbol,
	open: readonly Body[],
): Promise<void> {
	const name = symbol.spec.symbol;
	await levelsAgree(ground, symbol, open);
	const trades: Body[] = await ground.ask(symbol, "trades", { limit: MOST_TRADES });
	if (trades.length === MOST_TRADES) return;
	for (const { price, qty, quoteQty } of trades) {
		ground.expect(`${name}: a trade`, unitsOf(price) * unitsOf(qty), unitsOf(quoteQty) * ONE);
	}
	const sums = sumsOf(trades);
	await dayAgrees(ground, symbol, trades, sums);
	for (const interval of ["1s", "1m", "1h", "1d", "1M"]) {
		const bars: Body[] = await ground.ask(symbol, "klines", { interval, limit: 1_000 });
		if (bars.length === 1_000) continue;
		const [volume, value] = [5, 7].map((at) =>
			textOf(bars.reduce((sum: bigint, bar) => sum + unitsOf(bar[at]), 0n)),
		);
		ground.expect(`${name}: ${interval}`, `${volume} ${value}`, textOfSums(sums));
	}
	const window = await averageOf(ground, symbol);
	const { price } = await ground.ask(symbol, "avgPrice");
	if (window !== null) ground.expect(`${name}: avgPrice`, price, averageText(window));
}

/**
 * What the average price of the last five minutes is made of, or the last price; null before the first trade, and
 * when it is not clear what belongs to it.
 */
export async function averageOf(ground: Ground, symbol: ExtremeSymbol): Promise<Sums | null> {
	const trades: Body[] = await ground.ask(symbol, "trades", { limit: MOST_TRADES });
	const fromMs = ground.world.time.nowMs() - AVERAGE_MS;
	if (trades.some(({ time }) => Math.abs(time - fromMs) < UNCLEAR_MS)) return null;
	const recent = trades.filter(({ time }) => time > fromMs);
	if (recent.length > 0) return sumsOf(recent);
	const last = trades.at(-1);
	return last === undefined ? null : { lots: ONE, quote: unitsOf(last.price) };
}

async function dayAgrees(
	ground: Ground,
	symbol: ExtremeSymbol,
	trades: readonly Body[],
	sums: Sums,
): Promise<void> {
	const name = symbol.spec.symbol;
	const day = await ground.ask(symbol, "ticker/24hr");
	const { volume, quoteVolume, count } = day;
	const due = `${textOfSums(sums)} ${trades.length}`;
	ground.expect(`${name}: 24 h`, `${volume} ${quoteVolume} ${count}`, due);
	if (trades.length === 0) return;
	ground.expect(`${name}: weightedAvgPrice`, day.weightedAvgPrice, averageText(sums));
	const prices = trades.map(({ price }) => unitsOf(price));
	const [low, high] = [least(prices), -least(prices.map((price) => -price))];
	const ends = `${day.lowPrice} ${day.highPrice}`;
	ground.expect(`${name}: extremes`, ends, `${textOf(low)} ${textOf(high)}`);
	const change = (prices.at(-1) as bigint) - (prices[0] as bigint);
	const size = textOf(change < 0n ? -change : change);
	ground.expect(`${name}: priceChange`, day.priceChange, change < 0n ? `-${size}` : size);
}

/** A level shows what is left of its orders, or less where one is an iceberg. */
async function levelsAgree(
	ground: Ground,
	symbol: ExtremeSymbol,
	open: readonly Body[],
): Promise<void> {
	const { bids, asks } = await ground.ask(symbol, "depth", { limit: 5_000 });
	const levels = [
		...bids.map((level: [string, string]) => ["BUY", ...level]),
		...asks.map((level: [string, string]) => ["SELL", ...level]),
	];
	for (const [side, price, qty] of levels) {
		const there = open.filter((row) => row.side === side && row.price === price && row.isWorking);
		const left = there.reduce((sum, row) => sum + leftOf(row), 0n);
		const hides = there.some((row) => unitsOf(row.icebergQty) > 0n);
		const fits = hides ? unitsOf(qty) <= left : unitsOf(qty) === left;
		ground.expect(`${symbol.spec.symbol}: ${qty} at ${price} of ${textOf(left)}`, fits, true);
	}
}

function leftOf({ origQty, executedQty, preventedQuantity }: Body): bigint {
	return unitsOf(origQty) - unitsOf(executedQty) - unitsOf(preventedQuantity ?? textOf(0n));
}

function sumsOf(trades: readonly Body[]): Sums {
	const sum = (texts: readonly string[]) => texts.reduce((all, text) => all + unitsOf(text), 0n);
	return {
		lots: sum(trades.map(({ qty }) => qty)),
		quote: sum(trades.map(({ quoteQty }) => quoteQty)),
	};
}

function textOfSums({ lots, quote }: Sums): string {
	return `${textOf(lots)} ${textOf(quote)}`;
}

/** Rounded half up. */
function averageText({ lots, quote }: Sums): string {
	return textOf((2n * quote * ONE + lots) / (2n * lots));
}

function least(numbers: readonly bigint[]): bigint {
	return numbers.reduce((a, b) => (a < b ? a : b));
}
