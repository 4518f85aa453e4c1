import { OrderStatus, Side } from "../../schemas/order.ts";
import { isOpen, type OrderState } from "../../schemas/order-state.ts";
import type { AuditAnswer } from "../../schemas/ports/account-service.ts";
import { clearingAccount, isNegative } from "../../schemas/ports/ledger.ts";
import { baseAmount, heldBy, quoteAmount } from "../shared/amounts.ts";
import type { Balance } from "./balances.ts";
import type { AccountState } from "./state.ts";
import { Total } from "./total.ts";
import type { Tracked } from "./tracked.ts";

/** One thing that is wrong. */
export interface Fault {
	/** What is wrong: "account 7, asset 2". */
	readonly of: string;
	/** By how much: the same for as long as the same is wrong, whatever else moves. */
	readonly off: bigint;
	readonly figures: string;
}

/** An invariant, as far as it was looked at. */
export interface Check
	extends Pick<AuditAnswer["checks"][number], "invariant" | "says" | "checked"> {
	readonly faults: readonly Fault[];
}

/** A fault that was found, in words. */
export interface Finding {
	readonly invariant: number;
	readonly says: string;
	readonly fault: string;
}

/** The invariants that one shard's memory can be asked for, at whatever moment between two answers. */
export function audit(state: AccountState): Omit<AuditAnswer, "sampled"> {
	const balances = [...state.balances.all()];
	const orders = [...state.orders.all()];
	const total = new Total();
	for (const balance of balances) total.add(balance, balance.available + balance.held);
	const checks = [
		sums(total),
		...checkBalances(state, balances, orders),
		...checkOrders(state, orders),
	];
	return {
		checks: checks.map((check) => ({ ...check, faults: check.faults.map(textOf) })),
		evSeqs: state.positions.all().map((position) => position.evSeq),
		clearing: balances.filter(isClearing).map(({ accountId, assetId, available }) => ({
			partition: clearingAccount(0) - accountId,
			...{ assetId, amount: available },
		})),
		clearingMarks: state.clearingMarks.all(),
	};
}

/** What of these accounts must hold, whose open orders are among those that are given. */
export function checkBalances(
	state: AccountState,
	balances: readonly Balance[],
	orders: readonly Tracked[],
): readonly Check[] {
	return [
		notNegative(balances),
		heldIsAskedFor(state, balances, orders),
		...(state.settings.accountShards === 1 ? [clearingIsZero(balances)] : []),
	];
}

/** What of each of these orders must hold. */
export function checkOrders(state: AccountState, tracked: readonly Tracked[]): readonly Check[] {
	const orders = tracked.map((order) => order.state);
	return [
		orderHolds(state, orders),
		orderQuantities(orders),
		finishedHoldNothing(orders),
		feesWithinReceived(state, tracked),
	];
}

/** A fault in words: what, and the figures. */
export function textOf({ of, figures }: Fault): string {
	return `${of}: ${figures}`;
}

/** What the audit found wrong, in one line each. */
export function faultsOf(answer: Pick<AuditAnswer, "checks">): string[] {
	return answer.checks.flatMap(({ invariant, says, faults }) =>
		faults.map((fault) => lineOf({ invariant, says, fault })),
	);
}

/** A fault with the invariant that it breaks. */
export function lineOf({ invariant, says, fault }: Finding): string {
	return `invariant ${invariant} (${says}): ${fault}`;
}

function check(invariant: number, says: string, checked: number, faults: readonly Fault[]): Check {
	return { invariant, says, checked, faults };
}

/** Nothing is made or lost. */
export function sums({ inside, outside }: Total): Check {
	const faults: Fault[] = [];
	const assetIds = new Set([...inside.keys(), ...outside.keys()]);
	for (const assetId of assetIds) {
		const sum = inside.get(assetId) ?? 0n;
		const owed = outside.get(assetId) ?? 0n;
		if (sum === owed) continue;
		const figures = `${sum} inside, ${owed} owed`;
		faults.push({ of: `asset ${assetId}`, off: sum - owed, figures });
	}
	const says = "users + fees + clearing = deposits - withdrawals";
	return check(1, says, assetIds.size, faults);
}

/** With one shard both sides of every trade are its own. */
function clearingIsZero(balances: readonly Balance[]): Check {
	const clearing = balances.filter(isClearing);
	const faults = clearing
		.filter(({ available, held }) => available !== 0n || held !== 0n)
		.map(({ accountId, assetId, available, held }) => ({
			of: `clearing ${accountId}, asset ${assetId}`,
			off: available + held,
			figures: `${available}`,
		}));
	return check(12, "clearing over all shards is zero", clearing.length, faults);
}

function isClearing({ accountId }: Balance): boolean {
	return accountId <= clearingAccount(0);
}

function notNegative(balances: readonly Balance[]): Check {
	const faults = balances
		.filter((balance) => isNegative(balance))
		.map((balance) => ({
			of: nameOf(balance),
			off: balance.held < 0n ? balance.held : balance.available,
			figures: `${balance.available} and ${balance.held}`,
		}));
	return check(2, "available and held are never negative", balances.length, faults);
}

function heldIsAskedFor(
	state: AccountState,
	balances: readonly Balance[],
	orders: readonly Tracked[],
): Check {
	const asked = new Map<string, bigint>();
	const ask = (userId: number, assetId: number, amount: bigint): void => {
		const key = `${userId}/${assetId}`;
		asked.set(key, (asked.get(key) ?? 0n) + amount);
	};
	for (const { state: order } of orders) {
		if (isOpen(order.status)) ask(order.userId, order.holdAssetId, order.heldAmount);
	}
	for (const { row } of state.funds.pending()) {
		if (row.kind === "withdrawal") ask(row.userId, row.assetId, row.amount);
	}
	const faults: Fault[] = [];
	for (const balance of balances) {
		const { accountId, assetId, held } = balance;
		const wanted = asked.get(`${accountId}/${assetId}`) ?? 0n;
		if (held === wanted) continue;
		faults.push({ of: nameOf(balance), off: held - wanted, figures: `${held}, not ${wanted}` });
	}
	return check(3, "held is what open orders and withdrawals hold", balances.length, faults);
}

/** An admitted order holds exactly what its row of the hold table says. */
function orderHolds(state: AccountState, orders: readonly OrderState[]): Check {
	const faults: Fault[] = [];
	let checked = 0;
	for (const order of orders) {
		if (!isOpen(order.status) || order.status === OrderStatus.Pending) continue;
		checked += 1;
		const wanted = heldBy(state.market.symbolOfEvent(order.symbolId), order);
		const { heldAmount } = order;
		if (heldAmount === wanted) continue;
		const figures = `${heldAmount}, not ${wanted}`;
		faults.push({ of: orderName(order), off: heldAmount - wanted, figures });
	}
	return check(4, "an order holds what is left of it", checked, faults);
}

function orderQuantities(orders: readonly OrderState[]): Check {
	const faults: Fault[] = [];
	for (const order of orders) {
		const { qtyLots, cumQtyLots, preventedLots } = order;
		const { capTickLots, cumTickLots, preventedTickLots } = order;
		const lots = cumQtyLots + preventedLots - qtyLots;
		const tickLots = cumTickLots + preventedTickLots - capTickLots;
		if (qtyLots > 0 && lots > 0) {
			const figures = `${cumQtyLots} + ${preventedLots} of ${qtyLots}`;
			faults.push({ of: orderName(order), off: BigInt(lots), figures });
		}
		if (capTickLots > 0 && tickLots > 0) {
			const figures = `spent ${cumTickLots} of ${capTickLots}`;
			faults.push({ of: orderName(order), off: BigInt(tickLots), figures });
		}
	}
	return check(5, "quantities add up, spent is within budget", orders.length, faults);
}

function finishedHoldNothing(orders: readonly OrderState[]): Check {
	const finished = orders.filter((order) => !isOpen(order.status));
	const faults = finished
		.filter((order) => order.heldAmount !== 0n)
		.map((order) => ({
			of: orderName(order),
			off: order.heldAmount,
			figures: `finished, and holds ${order.heldAmount}`,
		}));
	return check(6, "a finished order holds nothing", finished.length, faults);
}

function feesWithinReceived(state: AccountState, orders: readonly Tracked[]): Check {
	const faults: Fault[] = [];
	let checked = 0;
	for (const { fills } of orders) {
		for (const fill of fills) {
			checked += 1;
			const spec = state.market.symbolOfEvent(fill.symbolId);
			const received =
				fill.side === Side.Buy
					? baseAmount(spec, fill.qtyLots)
					: quoteAmount(spec, fill.priceTicks, fill.qtyLots);
			const { feeAmount, userId, symbolId, tradeId } = fill;
			if (feeAmount >= 0n && feeAmount <= received) continue;
			const of = `user ${userId}, symbol ${symbolId}, trade ${tradeId}`;
			faults.push({ of, off: feeAmount, figures: `a fee of ${feeAmount} on ${received}` });
		}
	}
	return check(18, "a fee is between nothing and what was received", checked, faults);
}

function nameOf({ accountId, assetId }: Balance): string {
	return `account ${accountId}, asset ${assetId}`;
}

function orderName({ userId, symbolId, orderId }: OrderState): string {
	return `user ${userId}, symbol ${symbolId}, order ${orderId}`;
}
