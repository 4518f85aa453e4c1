import type { LevelChanged, Traded } from "../../../../schemas/event.ts";
import type { SymbolSpec } from "../../../../schemas/symbol.ts";
import type { ModelOrder } from "./model-order.ts";

/** By price in ticks. */
type LevelHistory = Map<number, { readonly evSeq: number; readonly qtyLots: number }[]>;

/** What a level may show of the orders that rest there, lots. */
interface Shown {
	readonly least: number;
	readonly most: number;
}

/** What happens to a symbol, by the referee's own reckoning. */
export interface ModelSymbol {
	readonly spec: SymbolSpec;
	readonly orders: Map<number, ModelOrder>;
	readonly open: Set<ModelOrder>;
	readonly levels: readonly [Map<number, number>, Map<number, number>];
	readonly changes: LevelChanged[];
	/** Bids and asks: each level's lots from an evSeq on, ascending. */
	readonly lotsFrom: readonly [LevelHistory, LevelHistory];
	readonly trades: { readonly trade: Traded; readonly ts: number; readonly evSeq: number }[];
	touched: boolean;
	traded: boolean;
}

/** One in which nothing has happened. */
export function modelSymbolOf(spec: SymbolSpec): ModelSymbol {
	return {
		spec,
		orders: new Map(),
		open: new Set(),
		levels: [new Map(), new Map()],
		changes: [],
		lotsFrom: [new Map(), new Map()],
		trades: [],
		touched: false,
		traded: false,
	};
}

/** 5, 6 and 9 over everything that is open; and the levels are what rests at them. */
export function* faultsOfSymbol({ spec, open, levels }: ModelSymbol): IterableIterator<string> {
	const [bids, asks] = levels;
	const bid = Math.max(0, ...bids.keys());
	const ask = Math.min(Number.POSITIVE_INFINITY, ...asks.keys());
	if (bid >= ask) yield `9: ${spec.symbol} is crossed: ${bid} ≥ ${ask}`;
	const resting = [new Map<number, Shown>(), new Map<number, Shown>()] as const;
	for (const order of open) {
		const { orderId, qtyLots, cumLots, preventedLots, leavesLots, held } = order;
		const adds = order.order.qtyLots === 0 || cumLots + preventedLots + leavesLots === qtyLots;
		if (!adds || order.ended || held <= 0n) {
			yield `5: open order ${orderId} of ${spec.symbol} does not add up`;
		}
		if (order.restedAt !== 0) addShown(resting[order.order.side], order);
	}
	for (const [side, shown] of levels.entries()) {
		const there = resting[side as 0 | 1];
		const fits = [...shown].every(([price, lots]) => {
			const due = there.get(price);
			return due !== undefined && due.least <= lots && lots <= due.most;
		});
		if (fits && shown.size === there.size) continue;
		yield `16: the levels of ${spec.symbol} are not what rests there`;
	}
}

/** Of an iceberg a level shows a slice only, or what is left of it. */
function addShown(side: Map<number, Shown>, { order, leavesLots }: ModelOrder): void {
	const { priceTicks, displayLots: slice } = order;
	const { least, most } = side.get(priceTicks) ?? { least: 0, most: 0 };
	const low = slice === 0 ? leavesLots : 1;
	const high = slice === 0 ? leavesLots : Math.min(slice, leavesLots);
	side.set(priceTicks, { least: least + low, most: most + high });
}
