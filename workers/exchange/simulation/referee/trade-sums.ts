import { Side } from "../../../../schemas/order.ts";
import type { ModelSymbol } from "./model-symbol.ts";

/** What a stretch of trades comes to; prices in ticks, quantities in lots. */
export interface Stretch {
	readonly openTimeMs: number;
	/** The last ms that belongs to it. */
	readonly closeTimeMs: number;
	/** Trades that come later may still belong to it. */
	readonly isOpen: boolean;
	readonly firstTradeId: number;
	readonly lastTradeId: number;
	readonly trades: number;
	readonly openTicks: number;
	readonly highTicks: number;
	readonly lowTicks: number;
	readonly closeTicks: number;
	readonly lots: bigint;
	readonly tickLots: bigint;
	/** Of those that were bought by the incoming order; absent where nobody says so. */
	readonly bought?: { readonly lots: bigint; readonly tickLots: bigint };
}

interface Sums {
	readonly lots: bigint;
	readonly tickLots: bigint;
	readonly boughtLots: bigint;
	readonly boughtTickLots: bigint;
}

const NOTHING: Sums = { lots: 0n, tickLots: 0n, boughtLots: 0n, boughtTickLots: 0n };

/** 19: bars and windows of a symbol against its trades, by sums that grow with them. */
export class TradeSums {
	private readonly symbol: ModelSymbol;
	/** After so many trades. */
	private readonly sums: Sums[] = [NOTHING];
	/** By the first of its trades: highest and lowest price of a stretch, as far as they were looked at. */
	private readonly extremes = new Map<number, { last: number; high: number; low: number }>();

	constructor(symbol: ModelSymbol) {
		this.symbol = symbol;
	}

	/** What is wrong with it; null when nothing is. */
	faultOf(stretch: Stretch): string | null {
		const { firstTradeId: first, lastTradeId: last } = stretch;
		const { trades } = this.symbol;
		if (stretch.trades === 0) return this.faultOfEmpty(stretch);
		if (first < 1 || last < first || last > trades.length) return `has trades ${first} to ${last}`;
		if (last - first + 1 !== stretch.trades) return `counts ${stretch.trades} trades`;
		const ts = (id: number): number => trades[id - 1]?.ts ?? Number.NaN;
		const begins = ts(first) >= stretch.openTimeMs && !(ts(first - 1) >= stretch.openTimeMs);
		const ends = ts(last) <= stretch.closeTimeMs;
		const misses = !stretch.isOpen && ts(last + 1) <= stretch.closeTimeMs;
		if (!begins || !ends || misses)
			return `from ${stretch.openTimeMs} has trades ${first} to ${last}`;
		return this.isSum(stretch) ? null : `of trades ${first} to ${last} is not their sum`;
	}

	private isSum(stretch: Stretch): boolean {
		const { firstTradeId: first, lastTradeId: last, bought } = stretch;
		const price = (id: number): number => this.symbol.trades[id - 1]?.trade.priceTicks ?? 0;
		const [before, after] = [this.after(first - 1), this.after(last)];
		const { high, low } = this.extremesOf(first, last);
		return (
			stretch.lots === after.lots - before.lots &&
			stretch.tickLots === after.tickLots - before.tickLots &&
			(bought === undefined ||
				(bought.lots === after.boughtLots - before.boughtLots &&
					bought.tickLots === after.boughtTickLots - before.boughtTickLots)) &&
			stretch.openTicks === price(first) &&
			stretch.closeTicks === price(last) &&
			stretch.highTicks === high &&
			stretch.lowTicks === low
		);
	}

	/** Without trades every price is that of the last one before. */
	private faultOfEmpty({
		openTimeMs,
		closeTimeMs,
		isOpen,
		closeTicks,
		lots,
	}: Stretch): string | null {
		const { trades } = this.symbol;
		const next = trades.findLastIndex(({ ts }) => ts < openTimeMs) + 1;
		const hidden = !isOpen && (trades[next]?.ts ?? Number.NaN) <= closeTimeMs;
		const last = trades[next - 1]?.trade.priceTicks;
		const right = !hidden && lots === 0n && closeTicks === last;
		return right ? null : `from ${openTimeMs} is empty at ${closeTicks}`;
	}

	private after(count: number): Sums {
		const { trades } = this.symbol;
		for (let n = this.sums.length; n <= count; n += 1) {
			const { priceTicks, qtyLots, takerSide } = (trades[n - 1] as ModelSymbol["trades"][0]).trade;
			const { lots, tickLots, boughtLots, boughtTickLots } = this.sums[n - 1] as Sums;
			const own = BigInt(qtyLots);
			const value = BigInt(priceTicks) * own;
			const isBought = takerSide === Side.Buy;
			this.sums.push({
				lots: lots + own,
				tickLots: tickLots + value,
				boughtLots: boughtLots + (isBought ? own : 0n),
				boughtTickLots: boughtTickLots + (isBought ? value : 0n),
			});
		}
		return this.sums[count] as Sums;
	}

	private extremesOf(first: number, last: number): { readonly high: number; readonly low: number } {
		let known = this.extremes.get(first);
		if (known === undefined || known.last > last) {
			known = { last: first - 1, high: 0, low: Number.MAX_SAFE_INTEGER };
			this.extremes.set(first, known);
		}
		for (; known.last < last; known.last += 1) {
			const ticks = this.symbol.trades[known.last]?.trade.priceTicks ?? 0;
			known.high = Math.max(known.high, ticks);
			known.low = Math.min(known.low, ticks);
		}
		return known;
	}
}
