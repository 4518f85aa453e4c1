import { SymbolState } from "../order.ts";
import type { AssetSpec, SymbolSpec } from "../symbol.ts";
import { VenueConfig } from "../venue-config.ts";

/** Markets for tests: what the examples of Binance's documents look like. */
export const btc: AssetSpec = { assetId: 1, asset: "BTC", name: "Bitcoin", decimals: 8 };
export const eth: AssetSpec = { assetId: 2, asset: "ETH", name: "Ether", decimals: 8 };
export const usdt: AssetSpec = { assetId: 3, asset: "USDT", name: "Tether", decimals: 8 };

export const btcUsdt: SymbolSpec = {
	symbolId: 1,
	symbol: "BTCUSDT",
	partition: 0,
	base: btc,
	quote: usdt,
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
		marketMaxQtyLots: 10_000_000,
		marketStepLots: 1,
		minNotionalTickLots: 50_000_000,
		maxNotionalTickLots: 9_000_000_000_000_000,
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
	takerFeePpm: 1_000,
	bandPermille: 1_050,
	state: SymbolState.Trading,
};

export const ethBtc: SymbolSpec = {
	...btcUsdt,
	symbolId: 2,
	symbol: "ETHBTC",
	base: eth,
	quote: btc,
	tickSize: "0.00001",
	lotSize: "0.001",
	quoteUnitsPerTickLot: 1,
	baseUnitsPerLot: 100_000,
	maxPriceTicks: 9_000_000,
	maxQtyLots: 900_000_000,
};

/** A venue with both. */
export function testVenue(): VenueConfig {
	return new VenueConfig({ assets: [btc, eth, usdt], symbols: [btcUsdt, ethBtc] });
}
