import type { SymbolState } from "./order.ts";

/** An asset of the venue. Its amounts are integers of 10^-decimals. */
export interface AssetSpec {
	readonly assetId: number;
	/** "BTC" */
	readonly asset: string;
	/** "Bitcoin" */
	readonly name: string;
	/** Decimal places of the smallest unit, at most 8: the API shows 8 everywhere. */
	readonly decimals: number;
}

/** The limits an order must keep; in ticks, lots and tick-lots, so that no decimals are compared. */
export interface SymbolFilters {
	/** PRICE_FILTER, in engine ticks: a price is a multiple of tickTicks between min and max. */
	readonly minPriceTicks: number;
	readonly maxPriceTicks: number;
	readonly tickTicks: number;
	/** LOT_SIZE, in engine lots. */
	readonly minQtyLots: number;
	readonly maxQtyLots: number;
	readonly stepLots: number;
	/** MARKET_LOT_SIZE. */
	readonly marketMinQtyLots: number;
	readonly marketMaxQtyLots: number;
	readonly marketStepLots: number;
	/** NOTIONAL, in tick-lots (price in ticks × quantity in lots). */
	readonly minNotionalTickLots: number;
	readonly maxNotionalTickLots: number;
	/** PERCENT_PRICE_BY_SIDE, in thousandths: 5000 is five times the average price. */
	readonly bidUpPermille: number;
	readonly bidDownPermille: number;
	readonly askUpPermille: number;
	readonly askDownPermille: number;
	/** Minutes of the average price; 0 is the last price. */
	readonly avgPriceMins: number;
	readonly maxNumOrders: number;
	readonly maxNumStopOrders: number;
	/** ICEBERG_PARTS. */
	readonly icebergParts: number;
}

/**
 * A market. Prices are whole ticks and quantities whole lots; a price × quantity is in tick-lots, and
 * one tick-lot is `quoteUnitsPerTickLot` smallest units of the quote asset, exactly.
 */
export interface SymbolSpec {
	readonly symbolId: number;
	/** "BTCUSDT" */
	readonly symbol: string;
	readonly partition: number;
	readonly base: AssetSpec;
	readonly quote: AssetSpec;
	/** Decimal text of one tick, in quote per base: "0.01". Never changes. */
	readonly tickSize: string;
	/** Decimal text of one lot, in base: "0.00001". Never changes. */
	readonly lotSize: string;
	/** One tick × one lot, in the quote's smallest units. */
	readonly quoteUnitsPerTickLot: number;
	/** One lot in the base's smallest units. */
	readonly baseUnitsPerLot: number;
	/** The engine refuses more; their product is below 2^53. Never change. */
	readonly maxPriceTicks: number;
	readonly maxQtyLots: number;
	readonly filters: SymbolFilters;
	/** Standard commission, in millionths of what is received. */
	readonly makerFeePpm: number;
	readonly takerFeePpm: number;
	/** The margin above the best price that a market buy holds, in thousandths: 1050 is 5 % more. */
	readonly bandPermille: number;
	readonly state: SymbolState;
}
