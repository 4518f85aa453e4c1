import { SymbolState } from "../../../schemas/order.ts";
import type { AssetSpec, SymbolSpec } from "../../../schemas/symbol.ts";

export const BTC: AssetSpec = { assetId: 1, asset: "BTC", name: "Bitcoin", decimals: 8 };
export const USDT: AssetSpec = { assetId: 2, asset: "USDT", name: "Tether", decimals: 8 };
export const ETH: AssetSpec = { assetId: 3, asset: "ETH", name: "Ether", decimals: 8 };

/** Tick 0.01, lot 0.00001, 5 % band, fees 0.1 % maker and 0.2 % taker. */
export const BTCUSDT: SymbolSpec = {
	symbolId: 1,
	symbol: "BTCUSDT",
	partition: 0,
	base: BTC,
	quote: USDT,
	tickSize: "0.01",
	lotSize: "0.00001",
	quoteUnitsPerTickLot: 10,
	baseUnitsPerLot: 1_000,
	maxPriceTicks: 100_000_000,
	maxQtyLots: 90_000_000,
	filters: {
		minPriceTicks: 1,
		maxPriceTicks: 100_000_000,
		tickTicks: 1,
		minQtyLots: 1,
		maxQtyLots: 90_000_000,
		stepLots: 1,
		marketMinQtyLots: 1,
		marketMaxQtyLots: 90_000_000,
		marketStepLots: 1,
		minNotionalTickLots: 1,
		maxNotionalTickLots: Number.MAX_SAFE_INTEGER,
		bidUpPermille: 5_000,
		bidDownPermille: 200,
		askUpPermille: 5_000,
		askDownPermille: 200,
		avgPriceMins: 5,
		maxNumOrders: 200,
		maxNumStopOrders: 5,
		icebergParts: 10,
	},
	makerFeePpm: 1_000,
	takerFeePpm: 2_000,
	bandPermille: 1_050,
	state: SymbolState.Trading,
};

/** On another partition, in coarser units. */
export const ETHBTC: SymbolSpec = {
	...BTCUSDT,
	symbolId: 2,
	symbol: "ETHBTC",
	partition: 1,
	base: ETH,
	quote: BTC,
	tickSize: "0.00001",
	lotSize: "0.001",
	quoteUnitsPerTickLot: 1,
	baseUnitsPerLot: 100_000,
};
