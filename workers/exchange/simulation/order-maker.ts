import type { SeededRandom } from "./seeded-random.ts";

export const SYMBOLS = ["BTCUSDT", "ETHUSDT", "ETHBTC"] as const;
export type SymbolName = (typeof SYMBOLS)[number];
const PRICE = { BTCUSDT: 60_000, ETHUSDT: 3_000, ETHBTC: 0.05 } as const;
const TICK_DECIMALS = { BTCUSDT: 2, ETHUSDT: 2, ETHBTC: 5 } as const;
const STP_MODES = [
	"NONE",
	"EXPIRE_MAKER",
	"EXPIRE_TAKER",
	"EXPIRE_BOTH",
	"DECREMENT",
	"TRANSFER",
] as const;

/** Parameters of a call, as they stand in its query. */
export type Parameters = Readonly<Record<string, string | number>>;

/** Random parameters of a new order of any type; `id` is the call's own. */
export function randomOrder(
	random: SeededRandom,
	symbol: SymbolName,
	id: number,
	name: string | null,
): Parameters & { readonly symbol: SymbolName } {
	const side = random.pick(["BUY", "SELL"]);
	const common = {
		...{ symbol, side, strategyId: id },
		...(name === null ? {} : { newClientOrderId: name }),
		selfTradePreventionMode: random.pick(STP_MODES),
		newOrderRespType: "RESULT",
	};
	// Some are larger than what the user has.
	const quantity = (random.below(random.chance(0.03) ? 3_000 : 30) + 1) / 100;
	const price = priceNear(random, symbol, 0.004);
	const dice = random.unit();
	if (dice < 0.1) return { ...common, type: "MARKET", quantity };
	if (dice < 0.15) {
		const spent = PRICE[symbol] * 0.05 * (1 + random.unit());
		return {
			...common,
			type: "MARKET",
			quoteOrderQty: spent.toFixed(symbol === "ETHBTC" ? 6 : 2),
		};
	}
	if (dice < 0.25) return { ...common, type: "LIMIT_MAKER", quantity, price };
	const limit = { ...common, quantity, price };
	if (dice < 0.32) {
		const type = random.pick(["STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"]);
		return { ...limit, type, timeInForce: "GTC", stopPrice: priceNear(random, symbol, 0.01) };
	}
	if (dice < 0.37) {
		const type = random.pick(["STOP_LOSS", "TAKE_PROFIT"]);
		return { ...common, type, quantity, stopPrice: priceNear(random, symbol, 0.01) };
	}
	const timeInForce = random.pick(["GTC", "GTC", "GTC", "IOC", "FOK"]);
	const iceberg = timeInForce === "GTC" && random.chance(0.1);
	return {
		...limit,
		type: "LIMIT",
		timeInForce,
		...(iceberg ? { icebergQty: quantity / 2 } : {}),
	};
}

/** A limit order for a fifth of what a user has at first, or two of them. */
export function largeOrder(
	random: SeededRandom,
	symbol: SymbolName,
	id: number,
	name: string,
): Parameters & { readonly symbol: SymbolName } {
	const fifth = symbol === "BTCUSDT" ? 0.5 : 10;
	return {
		...{ symbol, side: random.pick(["BUY", "SELL"]), type: "LIMIT", timeInForce: "GTC" },
		...{ strategyId: id, newClientOrderId: name, newOrderRespType: "RESULT" },
		...{ quantity: fifth * (1 + random.below(2)), price: priceNear(random, symbol, 0.004) },
	};
}

function priceNear(random: SeededRandom, symbol: SymbolName, spread: number): string {
	const away = 1 + (random.unit() - 0.5) * 2 * spread;
	return (PRICE[symbol] * away).toFixed(TICK_DECIMALS[symbol]);
}
