import type { AssetSpec } from "../../../../schemas/symbol.ts";
import { type ExtremeSymbol, textOf, unitsOf } from "./extreme-venue.ts";

/** Whatever the API says. */
// biome-ignore lint/suspicious/noExplicitAny: a check compares whatever came
export type Body = any;

/** What an order is remembered with: the rates of its moment, and what it wanted then, in units of 10^-8. */
interface Placed {
	readonly makerFeePpm: number;
	readonly takerFeePpm: number;
	readonly qty: bigint;
}

const ONE = 10n ** 8n;
const MOST_TICK_LOTS = 2n ** 53n - 1n;

/** What a user's money must be by the design, from what the API tells of orders and trades. In units of 10^-8. */
export class AccountModel {
	private readonly totals = new Map<string, bigint>();
	private readonly placed = new Map<string, Placed>();
	private readonly traded = new Map<string, { readonly lots: bigint; readonly quote: bigint }>();

	/** Available and held. */
	totalOf(asset: string): bigint {
		return this.totals.get(asset) ?? 0n;
	}

	move(asset: string, units: bigint): void {
		this.totals.set(asset, this.totalOf(asset) + units);
	}

	/** An order was placed. */
	place({ spec }: ExtremeSymbol, orderId: number, quantity: string): void {
		const { symbol, makerFeePpm, takerFeePpm } = spec;
		this.placed.set(`${symbol}/${orderId}`, { makerFeePpm, takerFeePpm, qty: unitsOf(quantity) });
	}

	/** What the trades of an order that `trade` was told come to. */
	tradedOf(symbol: string, orderId: number): { readonly lots: bigint; readonly quote: bigint } {
		return this.traded.get(`${symbol}/${orderId}`) ?? { lots: 0n, quote: 0n };
	}

	/** Takes a row of myTrades. What is wrong with it; null when nothing is. */
	trade({ spec }: ExtremeSymbol, row: Body): string | null {
		const { symbol, base, quote } = spec;
		const key = `${symbol}/${row.orderId}`;
		const placed = this.placed.get(key);
		if (placed === undefined) return `a trade of order ${row.orderId}, which is none`;
		const lots = unitsOf(row.qty);
		const value = unitsOf(row.quoteQty);
		if (unitsOf(row.price) * lots !== value * ONE) {
			return `${row.price} × ${row.qty} is not ${row.quoteQty}`;
		}
		const [got, gave] = row.isBuyer ? [lots, value] : [value, lots];
		const [received, paid] = row.isBuyer ? [base, quote] : [quote, base];
		const fee = feeOf(got, row.isMaker ? placed.makerFeePpm : placed.takerFeePpm, received);
		const said = `${row.commission} ${row.commissionAsset}`;
		const due = `${textOf(fee)} ${received.asset}`;
		if (said !== due) return `a fee of ${said}, not ${due}, on ${textOf(got)}`;
		this.move(received.asset, got - fee);
		this.move(paid.asset, -gave);
		const before = this.tradedOf(symbol, row.orderId);
		this.traded.set(key, { lots: before.lots + lots, quote: before.quote + value });
		return null;
	}

	/** What an open order holds, by the hold table: of which asset, how much. */
	hold({ spec, tick, lot }: ExtremeSymbol, row: Body): readonly [asset: string, amount: bigint] {
		const prevented = unitsOf(row.preventedQuantity ?? textOf(0n));
		const left = unitsOf(row.origQty) - unitsOf(row.executedQty) - prevented;
		if (row.side === "SELL") return [spec.base.asset, left];
		const price = unitsOf(row.price);
		if (price > 0n) return [spec.quote.asset, (price * left) / ONE];
		// A stop order without a limit waits with its whole budget, also when it was amended.
		const qty = this.placed.get(`${spec.symbol}/${row.orderId}`)?.qty ?? 0n;
		const budget = ((unitsOf(row.stopPrice) / tick) * (qty / lot) * 1_050n) / 1_000n;
		const tickLots = budget < MOST_TICK_LOTS ? budget : MOST_TICK_LOTS;
		return [spec.quote.asset, (tickLots * tick * lot) / ONE];
	}
}

/** Rounded up to the asset's smallest unit. */
function feeOf(units: bigint, ppm: number, { decimals }: AssetSpec): bigint {
	const unit = 10n ** BigInt(8 - decimals);
	const product = (units / unit) * BigInt(ppm);
	const fee = product / 1_000_000n + (product % 1_000_000n === 0n ? 0n : 1n);
	return fee * unit;
}
