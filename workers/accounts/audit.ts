import { OrderStatus, Side } from "../../schemas/order.ts";
import { isOpen, type OrderState } from "../../schemas/order-state.ts";
import type { AuditAnswer } from "../../schemas/ports/account-service.ts";
import { clearingAccount, EXTERNAL_ACCOUNT } from "../../schemas/ports/ledger.ts";
import { baseAmount, heldBy, quoteAmount } from "../shared/amounts.ts";
import { type Balance, isNegative } from "./balances.ts";
import type { AccountState } from "./state.ts";

type Check = AuditAnswer["checks"][number];

/** The invariants that one shard's memory can be asked for, at whatever moment between two answers. */
export function audit(state: AccountState): AuditAnswer {
	const balances = [...state.balances.all()];
	const orders = [...state.orders.all()].map((tracked) => tracked.state);
	return {
		checks: [
			sums(balances),
			notNegative(balances),
			heldIsAskedFor(state, balances, orders),
			orderHolds(state, orders),
			orderQuantities(orders),
			finishedHoldNothing(orders),
			feesWithinReceived(state),
			...(state.settings.accountShards === 1 ? [clearingIsZero(balances)] : []),
		],
		evSeqs: state.positions.all().map((position) => position.evSeq),
		clearing: balances.filter(isClearing).map(({ accountId, assetId, available }) => ({
			partition: clearingAccount(0) - accountId,
			...{ assetId, amount: available },
		})),
	};
}

/** What the audit found wrong, in one line each. */
export function faultsOf(answer: AuditAnswer): string[] {
	return answer.checks.flatMap((check) =>
		check.faults.map((fault) => `invariant ${check.invariant} (${check.says}): ${fault}`),
	);
}

function check(invariant: number, says: string, checked: number, faults: readonly string[]): Check {
	return { invariant, says, checked, faults };
}

/** Nothing is made or lost. */
function sums(balances: readonly Balance[]): Check {
	const inside = new Map<number, bigint>();
	const outside = new Map<number, bigint>();
	for (const { accountId, assetId, available, held } of balances) {
		const sum = accountId === EXTERNAL_ACCOUNT ? outside : inside;
		sum.set(assetId, (sum.get(assetId) ?? 0n) + available + held);
	}
	const faults: string[] = [];
	const assetIds = new Set([...inside.keys(), ...outside.keys()]);
	for (const assetId of assetIds) {
		const sum = inside.get(assetId) ?? 0n;
		const owed = outside.get(assetId) ?? 0n;
		if (sum !== owed) faults.push(`asset ${assetId}: ${sum} inside, ${owed} owed`);
	}
	const says = "users + fees + clearing = deposits - withdrawals";
	return check(1, says, assetIds.size, faults);
}

/** With one shard both sides of every trade are its own. */
function clearingIsZero(balances: readonly Balance[]): Check {
	const clearing = balances.filter(isClearing);
	const faults = clearing
		.filter(({ available, held }) => available !== 0n || held !== 0n)
		.map((b) => `clearing ${b.accountId}, asset ${b.assetId}: ${b.available}`);
	return check(12, "clearing over all shards is zero", clearing.length, faults);
}

function isClearing({ accountId }: Balance): boolean {
	return accountId <= clearingAccount(0);
}

function notNegative(balances: readonly Balance[]): Check {
	const faults = balances
		.filter((balance) => isNegative(balance))
		.map((b) => `account ${b.accountId}, asset ${b.assetId}: ${b.available} and ${b.held}`);
	return check(2, "available and held are never negative", balances.length, faults);
}

function heldIsAskedFor(
	state: AccountState,
	balances: readonly Balance[],
	orders: readonly OrderState[],
): Check {
	const asked = new Map<string, bigint>();
	const ask = (userId: number, assetId: number, amount: bigint): void => {
		const key = `${userId}/${assetId}`;
		asked.set(key, (asked.get(key) ?? 0n) + amount);
	};
	for (const order of orders) {
		if (isOpen(order.status)) ask(order.userId, order.holdAssetId, order.heldAmount);
	}
	for (const { row } of state.funds.pending()) {
		if (row.kind === "withdrawal") ask(row.userId, row.assetId, row.amount);
	}
	const faults: string[] = [];
	for (const { accountId, assetId, held } of balances) {
		const wanted = asked.get(`${accountId}/${assetId}`) ?? 0n;
		if (held !== wanted)
			faults.push(`account ${accountId}, asset ${assetId}: ${held}, not ${wanted}`);
	}
	return check(3, "held is what open orders and withdrawals hold", balances.length, faults);
}

/** An admitted order holds exactly what its row of the hold table says. */
function orderHolds(state: AccountState, orders: readonly OrderState[]): Check {
	const faults: string[] = [];
	let checked = 0;
	for (const order of orders) {
		if (!isOpen(order.status) || order.status === OrderStatus.Pending) continue;
		checked += 1;
		const wanted = heldBy(state.market.symbolOfEvent(order.symbolId), order);
		if (order.heldAmount !== wanted) {
			faults.push(`order ${order.orderId}: ${order.heldAmount}, not ${wanted}`);
		}
	}
	return check(4, "an order holds what is left of it", checked, faults);
}

function orderQuantities(orders: readonly OrderState[]): Check {
	const faults: string[] = [];
	for (const order of orders) {
		const { qtyLots, cumQtyLots, preventedLots, capTickLots } = order;
		if (qtyLots > 0 && cumQtyLots + preventedLots > qtyLots) {
			faults.push(`order ${order.orderId}: ${cumQtyLots} + ${preventedLots} of ${qtyLots}`);
		}
		if (capTickLots > 0 && order.cumTickLots + order.preventedTickLots > capTickLots) {
			faults.push(`order ${order.orderId}: spent ${order.cumTickLots} of ${capTickLots}`);
		}
	}
	return check(5, "quantities add up, spent is within budget", orders.length, faults);
}

function finishedHoldNothing(orders: readonly OrderState[]): Check {
	const finished = orders.filter((order) => !isOpen(order.status));
	const faults = finished
		.filter((order) => order.heldAmount !== 0n)
		.map((order) => `order ${order.orderId} is finished and holds ${order.heldAmount}`);
	return check(6, "a finished order holds nothing", finished.length, faults);
}

function feesWithinReceived(state: AccountState): Check {
	const faults: string[] = [];
	let checked = 0;
	for (const { fills } of state.orders.all()) {
		for (const fill of fills) {
			checked += 1;
			const spec = state.market.symbolOfEvent(fill.symbolId);
			const received =
				fill.side === Side.Buy
					? baseAmount(spec, fill.qtyLots)
					: quoteAmount(spec, fill.priceTicks, fill.qtyLots);
			if (fill.feeAmount >= 0n && fill.feeAmount <= received) continue;
			faults.push(`trade ${fill.tradeId}: a fee of ${fill.feeAmount} on ${received}`);
		}
	}
	return check(18, "a fee is between nothing and what was received", checked, faults);
}
