import { formatUnits } from "../../schemas/decimal.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";

/** A rate in millionths as the fraction the API shows: 1000 is "0.00100000". */
export function feeText(feePpm: number): string {
	return formatUnits(BigInt(feePpm), 6, 8);
}

/** Commission is always taken from what is received: no asset gives a discount. */
export const NO_DISCOUNT = {
	enabledForAccount: false,
	enabledForSymbol: false,
	discountAsset: "",
	discount: "0.00000000",
} as const;

/** Rates of a symbol; buyers and sellers pay nothing beyond them. */
export function ratesView(symbol: Pick<SymbolSpec, "makerFeePpm" | "takerFeePpm">): object {
	return {
		maker: feeText(symbol.makerFeePpm),
		taker: feeText(symbol.takerFeePpm),
		buyer: feeText(0),
		seller: feeText(0),
	};
}
