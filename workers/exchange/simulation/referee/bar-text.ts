import type { Traded } from "../../../../schemas/event.ts";
import type { Kline } from "../../../../schemas/market.ts";
import { Side } from "../../../../schemas/order.ts";

const SECOND_MS = 1_000;

/** What a bar must say, by which two of them are compared. */
export function textOfBar(bar: Kline): string {
	const { openTimeMs, openTicks, highTicks, lowTicks, closeTicks, volumeLots } = bar;
	const { quoteTickLots, takerBuyLots, takerBuyTickLots, firstTradeId, lastTradeId } = bar;
	const prices = `${openTicks} ${highTicks} ${lowTicks} ${closeTicks}`;
	const taken = `${takerBuyLots} ${takerBuyTickLots}`;
	return `${openTimeMs}: ${prices}, ${volumeLots} ${quoteTickLots}, ${taken}, ${firstTradeId} ${lastTradeId}`;
}

/** The bars of a second each that trades make, by the referee's own reckoning; none for a second without. */
export function barTextsOf(
	trades: readonly { readonly trade: Traded; readonly ts: number }[],
): string[] {
	const seconds = new Map<number, Traded[]>();
	for (const { trade, ts } of trades) {
		const openTimeMs = Math.floor(ts / SECOND_MS) * SECOND_MS;
		const those = seconds.get(openTimeMs) ?? [];
		seconds.set(openTimeMs, those);
		those.push(trade);
	}
	return [...seconds].map(([openTimeMs, those]) => textOf(openTimeMs, those));
}

function textOf(openTimeMs: number, trades: readonly Traded[]): string {
	const [first, last] = [trades[0], trades.at(-1)] as [Traded, Traded];
	const prices = trades.map(({ priceTicks }) => priceTicks);
	const range = `${Math.max(...prices)} ${Math.min(...prices)}`;
	const bought = trades.filter(({ takerSide }) => takerSide === Side.Buy);
	const ids = `${first.tradeId} ${last.tradeId}`;
	return `${openTimeMs}: ${first.priceTicks} ${range} ${last.priceTicks}, ${sums(trades)}, ${sums(bought)}, ${ids}`;
}

function sums(trades: readonly Traded[]): string {
	let lots = 0n;
	let tickLots = 0n;
	for (const { priceTicks, qtyLots } of trades) {
		lots += BigInt(qtyLots);
		tickLots += BigInt(priceTicks) * BigInt(qtyLots);
	}
	return `${lots} ${tickLots}`;
}
