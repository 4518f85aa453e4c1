import type { Parameters } from "../order-maker.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { assetText, type ExtremeSymbol, textOf } from "./extreme-venue.ts";

const MODES = ["NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"];
const ONE = 10n ** 8n;

/** An order of any kind: of a few prices in the middle or at the ends, and of any size that there may be. */
export function extremeOrder(random: SeededRandom, symbol: ExtremeSymbol): Parameters {
	const { tick, lot } = symbol;
	const lots = lotsOf(random, symbol);
	const quantity = textOf(lots * lot);
	const price = textOf(ticksOf(random, symbol) * tick);
	const stopPrice = textOf(ticksOf(random, symbol) * tick);
	const common = {
		...{ symbol: symbol.spec.symbol, side: random.pick(["BUY", "SELL"]), newOrderRespType: "FULL" },
		selfTradePreventionMode: random.pick(MODES),
	};
	const limit = { ...common, quantity, price };
	const stopLimit = { ...limit, timeInForce: "GTC", stopPrice };
	const dice = random.unit();
	if (dice < 0.12) return { ...common, type: "MARKET", quantity };
	if (dice < 0.26)
		return { ...common, type: "MARKET", quoteOrderQty: amountOf(random, symbol, lots) };
	if (dice < 0.32) return { ...limit, type: "LIMIT_MAKER" };
	if (dice < 0.4)
		return { ...stopLimit, type: random.pick(["STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"]) };
	if (dice < 0.48) {
		return { ...common, quantity, type: random.pick(["STOP_LOSS", "TAKE_PROFIT"]), stopPrice };
	}
	if (dice < 0.62 && lots > 3n) {
		const part = random.pick([lots / 3n, lots / 2n + 1n, lots / 7n + 1n]);
		return { ...limit, type: "LIMIT", timeInForce: "GTC", icebergQty: textOf(part * lot) };
	}
	const timeInForce = random.pick(["GTC", "GTC", "GTC", "IOC", "FOK"]);
	return { ...limit, type: "LIMIT", timeInForce };
}

/** Some of the quote, to its smallest unit: about what so many lots cost, seldom a whole number of them. */
function amountOf(random: SeededRandom, symbol: ExtremeSymbol, lots: bigint): string {
	const { quote } = symbol.spec;
	const exact = (ticksOf(random, symbol) * symbol.tick * lots * symbol.lot) / ONE;
	const unit = 10n ** BigInt(8 - quote.decimals);
	return assetText(quote, exact + BigInt(random.below(1_000)) * unit);
}

function ticksOf(random: SeededRandom, { mostTicks }: ExtremeSymbol): bigint {
	const about = random.chance(0.9) ? mostTicks / 2n : random.pick([1n, mostTicks]);
	return within(about + BigInt(random.below(7) - 3), mostTicks);
}

function lotsOf(random: SeededRandom, { mostLots }: ExtremeSymbol): bigint {
	// All that may stand at one price is below 2^53.
	const most = mostLots > 2n ** 52n ? mostLots / 400n : mostLots;
	const size = random.pick([1n, 3n, 10n, 1_000n, most / 1_000n, most / 3n, most]);
	const part = (size * BigInt(random.below(1_000_000))) / 1_000_000n;
	return within(1n + part + BigInt(random.below(2)) * size, most);
}

function within(n: bigint, most: bigint): bigint {
	if (n < 1n) return 1n;
	return n > most ? most : n;
}
