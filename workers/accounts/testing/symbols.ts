import type { AssetSpec, SymbolSpec } from "../../../schemas/symbol.ts";
import { btcUsdt, ethBtc } from "../../../schemas/testing/symbols.ts";

export const BTC: AssetSpec = { assetId: 1, asset: "BTC", name: "Bitcoin", decimals: 8 };
export const USDT: AssetSpec = { assetId: 2, asset: "USDT", name: "Tether", decimals: 8 };
export const ETH: AssetSpec = { assetId: 3, asset: "ETH", name: "Ether", decimals: 8 };

/** Tick 0.01, lot 0.00001, 5 % band, fees 0.1 % maker and 0.2 % taker; of any notional. */
export const BTCUSDT: SymbolSpec = {
	...btcUsdt,
	base: BTC,
	quote: USDT,
	filters: {
		...btcUsdt.filters,
		marketMaxQtyLots: btcUsdt.maxQtyLots,
		minNotionalTickLots: 1,
		maxNotionalTickLots: Number.MAX_SAFE_INTEGER,
	},
	takerFeePpm: 2_000,
};

/** On another partition, in coarser units. */
export const ETHBTC: SymbolSpec = {
	...BTCUSDT,
	symbolId: ethBtc.symbolId,
	symbol: ethBtc.symbol,
	partition: 1,
	base: ETH,
	quote: BTC,
	tickSize: ethBtc.tickSize,
	lotSize: ethBtc.lotSize,
	quoteUnitsPerTickLot: ethBtc.quoteUnitsPerTickLot,
	baseUnitsPerLot: ethBtc.baseUnitsPerLot,
};
