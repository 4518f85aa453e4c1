import { Rejection } from "../../../../schemas/rejection.ts";
import type { AssetSpec, SymbolSpec } from "../../../../schemas/symbol.ts";
import { symbolOf } from "../../../venue/symbol-draft.ts";
import type { VenueWorker } from "../../../venue/worker.ts";
import { PARTITIONS } from "../size.ts";

/** Assets of every number of decimals that makes a difference. */
export const ASSETS: readonly AssetSpec[] = [
	{ assetId: 1, asset: "AAA", name: "whole", decimals: 0 },
	{ assetId: 2, asset: "BBB", name: "whole, too", decimals: 0 },
	{ assetId: 3, asset: "CCC", name: "finest", decimals: 8 },
	{ assetId: 4, asset: "DDD", name: "finest, too", decimals: 8 },
	{ assetId: 5, asset: "EEE", name: "in between", decimals: 4 },
	{ assetId: 6, asset: "FFF", name: "in cents", decimals: 2 },
];

/** A market in decimal text; [tick, lot, most ticks, most lots]. */
type Market = readonly [
	base: string,
	quote: string,
	tick: string,
	lot: string,
	ticks: bigint,
	lots: bigint,
];

/** 2^53 − 1 is 6361 × 69431 × 20394401. */
const MARKETS: readonly Market[] = [
	// A tick-lot is one smallest unit.
	["AAA", "CCC", "0.00000001", "1", 441_650_591n, 20_394_401n],
	["CCC", "BBB", "1", "1", 6_361n, 69_431n * 20_394_401n],
	// A tick-lot is as many smallest units as there may be.
	["DDD", "BBB", "90071992", "90071991", 9_007n, 1_000_000n],
	["DDD", "CCC", "0.01", "0.00001", 100_000_000n, 90_000_000n],
	["EEE", "FFF", "0.07", "3", 6_361n, 20_394_401n],
	// Prices up to 2^53.
	["BBB", "AAA", "1", "1", 2n ** 53n - 1n, 1n],
	// Quantities up to 2^53.
	["CCC", "DDD", "1", "0.00000001", 1n, 2n ** 53n - 1n],
];

const WIRE = 8;

/** Text of units of 10^-8. */
export function textOf(units: bigint): string {
	const digits = units.toString().padStart(WIRE + 1, "0");
	return `${digits.slice(0, -WIRE)}.${digits.slice(-WIRE)}`;
}

/** Units of 10^-8 of a text as the API writes it. */
export function unitsOf(text: string): bigint {
	const match = /^(\d+)\.(\d{8})$/.exec(text);
	if (match === null) throw new Error(`${text} is not as the API writes numbers`);
	return BigInt(match[1] as string) * 10n ** 8n + BigInt(match[2] as string);
}

function parsed(text: string): bigint {
	const [whole, fraction = ""] = text.split(".");
	return BigInt(`${whole}${fraction.padEnd(WIRE, "0")}`);
}

/** The symbols, in units of 10^-8. */
export interface ExtremeSymbol {
	readonly spec: SymbolSpec;
	readonly tick: bigint;
	readonly lot: bigint;
	readonly mostTicks: bigint;
	readonly mostLots: bigint;
}

export function extremeSymbols(): readonly ExtremeSymbol[] {
	return MARKETS.map(([base, quote, tickSize, lotSize, mostTicks, mostLots], i) => {
		const asset = (name: string) => ASSETS.find((one) => one.asset === name) as AssetSpec;
		const tick = parsed(tickSize);
		const lot = parsed(lotSize);
		const tickLot = (tick * lot) / 10n ** 8n;
		const spec = symbolOf(
			{
				...{ base: asset(base), quote: asset(quote), tickSize, lotSize },
				...{ minPrice: tickSize, maxPrice: textOf(tick * mostTicks) },
				...{
					minQty: lotSize,
					maxQty: textOf(lot * mostLots),
					marketMaxQty: textOf(lot * mostLots),
				},
				...{
					minNotional: assetText(asset(quote), tickLot),
					maxNotional: assetText(asset(quote), tickLot * mostTicks * mostLots),
				},
				...{ makerFeePpm: 1_000, takerFeePpm: 999_999 },
			},
			i + 1,
			i % PARTITIONS,
		);
		const filters = { ...spec.filters, maxNumOrders: 1_000, maxNumStopOrders: 1_000 };
		const free = { bidUpPermille: 0, bidDownPermille: 0, askUpPermille: 0, askDownPermille: 0 };
		return {
			...{ tick, lot, mostTicks, mostLots },
			spec: { ...spec, filters: base === "BBB" ? { ...filters, ...free } : filters },
		};
	});
}

/** The same with the decimals that the asset has. */
export function assetText({ decimals }: AssetSpec, units: bigint): string {
	const text = textOf(units);
	return decimals === 0 ? text.slice(0, -1 - WIRE) : text.slice(0, text.length + decimals - WIRE);
}

/** Adds the assets and the markets. */
export async function openExtremes(
	venue: VenueWorker,
	symbols: readonly ExtremeSymbol[],
): Promise<void> {
	for (const asset of ASSETS) expectNone(asset.asset, await venue.addAsset(asset));
	for (const { spec } of symbols) expectNone(spec.symbol, await venue.addSymbol(spec));
}

function expectNone(what: string, answer: Rejection): void {
	if (answer !== Rejection.None) throw new Error(`${what} is refused: ${answer}`);
}
