import { marketDataMethods } from "./link/market-data-methods.ts";
import { RowReader, type Scalar, type Shape } from "./link/shape.ts";
import type { DepthView, PublicTrade } from "./market.ts";

/** A kind of view that is kept of each symbol, for all who ask for at most so many rows. */
export interface MarketView<T> {
	readonly name: string;
	readonly rows: number;
	/** A larger one is worked out less often; in between, when it has changed, there is none. */
	readonly everyMs: number;
	readonly shape: Shape<T>;
}

const depth = marketDataMethods.depth.value;
const trades = marketDataMethods.trades.value;

/** The smallest that is large enough comes first. */
export const DEPTH_VIEWS: readonly MarketView<DepthView>[] = [
	{ name: "depth-100", rows: 100, everyMs: 0, shape: depth },
	{ name: "depth-5000", rows: 5_000, everyMs: 1_000, shape: depth },
];
export const TRADE_VIEWS: readonly MarketView<readonly PublicTrade[]>[] = [
	{ name: "trades-100", rows: 100, everyMs: 0, shape: trades },
	{ name: "trades-1000", rows: 1_000, everyMs: 1_000, shape: trades },
];

/** The view's name in the cache. */
export function viewName(view: MarketView<never>, symbolId: number): string {
	return `${view.name}:${symbolId}`;
}

export function encodeView<T>(view: MarketView<T>, value: T): string {
	const row: Scalar[] = [];
	view.shape.write(value, row);
	return JSON.stringify(row);
}

/** @throws RangeError or SyntaxError on what `encodeView` did not make */
export function decodeView<T>(view: MarketView<T>, text: string): T {
	const row: unknown = JSON.parse(text);
	if (!Array.isArray(row)) throw new RangeError("not a view");
	const reader = new RowReader(row);
	const value = view.shape.read(reader);
	reader.end();
	return value;
}
