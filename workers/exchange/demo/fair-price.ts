/** Where the demo's prices hover, in quote per base. */
const BASE_PRICE: Readonly<Record<string, number>> = { BTC: 65_000, ETH: 3_500, USDT: 1 };

/**
 * Swings of the demo's prices: amplitude (of the logarithm) and period in seconds. Together they move
 * a price by less than the bots' ladders are wide until a bot's next turn in that market.
 */
const SWINGS: readonly (readonly [amplitude: number, seconds: number])[] = [
	[0.03, 86_400],
	[0.012, 7_200],
	[0.006, 1_260],
	[0.002, 170],
	[0.0003, 23],
	[0.00005, 5],
];

/**
 * What the demo's bots hold a market to be worth at a time: the same for every bot without their
 * talking, smooth, and never far from its base. Floats are fine here: this is an opinion, not money.
 */
export function fairPrice(base: string, quote: string, nowMs: number): number {
	return worthOf(base, nowMs) / worthOf(quote, nowMs);
}

function worthOf(asset: string, nowMs: number): number {
	const level = BASE_PRICE[asset] ?? 1;
	if (asset === "USDT") return level;
	const phase = asset.charCodeAt(0) / 7;
	const swing = SWINGS.reduce(
		(sum, [amplitude, seconds], i) =>
			sum + amplitude * Math.sin((2 * Math.PI * nowMs) / (1000 * seconds) + phase * (i + 1)),
		0,
	);
	return level * Math.exp(swing);
}
