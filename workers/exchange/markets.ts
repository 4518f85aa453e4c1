import type { AssetSpec } from "../../schemas/symbol.ts";
import type { SymbolDraft } from "../venue/symbol-draft.ts";

/** The assets a new venue begins with. */
export const FIRST_ASSETS: readonly AssetSpec[] = [
	{ assetId: 1, asset: "BTC", name: "Bitcoin", decimals: 8 },
	{ assetId: 2, asset: "ETH", name: "Ether", decimals: 8 },
	{ assetId: 3, asset: "USDT", name: "Tether USD", decimals: 8 },
];

/** 0.1 % for both sides. */
const STANDARD_FEES = { makerFeePpm: 1_000, takerFeePpm: 1_000 };

/** The markets a new venue begins with, with filters like those known from Binance. */
export function firstMarkets(asset: (name: string) => AssetSpec): readonly SymbolDraft[] {
	return [
		{
			base: asset("BTC"),
			quote: asset("USDT"),
			tickSize: "0.01",
			lotSize: "0.00001",
			minPrice: "0.01",
			maxPrice: "1000000",
			minQty: "0.00001",
			maxQty: "900",
			marketMaxQty: "100",
			minNotional: "5",
			maxNotional: "9000000",
			...STANDARD_FEES,
		},
		{
			base: asset("ETH"),
			quote: asset("USDT"),
			tickSize: "0.01",
			lotSize: "0.0001",
			minPrice: "0.01",
			maxPrice: "100000",
			minQty: "0.0001",
			maxQty: "9000",
			marketMaxQty: "2000",
			minNotional: "5",
			maxNotional: "9000000",
			...STANDARD_FEES,
		},
		{
			base: asset("ETH"),
			quote: asset("BTC"),
			tickSize: "0.00001",
			lotSize: "0.001",
			minPrice: "0.00001",
			maxPrice: "100",
			minQty: "0.001",
			maxQty: "100000",
			marketMaxQty: "2000",
			minNotional: "0.0001",
			maxNotional: "1000",
			...STANDARD_FEES,
		},
	];
}
