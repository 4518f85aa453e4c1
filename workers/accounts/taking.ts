import {
	type CancelReplace,
	CommandKind,
	type CommandRecord,
	type Hold,
	type PlaceOrder,
	type Withdraw,
} from "../../schemas/command.ts";
import { ExpiryReason, OrderStatus } from "../../schemas/order.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { AccountState } from "./state.ts";
import type { Tracked } from "./tracked.ts";

/**
 * What a command of this shard does to its state before any event: takes the stamped hold, remembers
 * the unanswered order, its client id, the external id. The same when the command is written and when
 * it is read again after a start, where available may dip below zero until its events are settled.
 *
 * @returns the new, unanswered order of a command that places one
 */
export function takeCommand(
	state: AccountState,
	partition: number,
	record: CommandRecord,
): Tracked | null {
	const { command } = record;
	switch (command.kind) {
		case CommandKind.PlaceOrder:
		case CommandKind.CancelReplace:
			hold(state, partition, record.seq, command.userId, command.hold);
			if (command.clientIdGiven) state.clientIds.take(command.userId, command.clientOrderId);
			return state.orders.add(pendingOrder(partition, record, command));
		case CommandKind.Withdraw:
			hold(state, partition, record.seq, command.userId, command);
			beginFunds(state, partition, record.seq, "withdrawal", command);
			return null;
		case CommandKind.Deposit:
			beginFunds(state, partition, record.seq, "deposit", command);
			return null;
		case CommandKind.AmendOrder: {
			const order = state.orders.find(command.symbolId, command.orderId);
			if (order !== undefined) order.amendSeq = record.seq;
			if (order?.state.clientOrderId !== command.clientOrderId) {
				state.clientIds.take(command.userId, command.clientOrderId);
			}
			return null;
		}
		default:
			return null;
	}
}

function hold(
	state: AccountState,
	partition: number,
	seq: number,
	userId: number,
	taken: Hold,
): void {
	const balance = state.balances.of(userId, taken.assetId);
	state.balances.hold(balance, taken.amount);
	if (seq > state.unlogged.loggedSeq(partition)) {
		state.unlogged.add(partition, seq, balance, taken.amount);
	}
}

function beginFunds(
	state: AccountState,
	partition: number,
	seq: number,
	kind: "deposit" | "withdrawal",
	command: Omit<Withdraw, "kind">,
): void {
	const { userId, externalId, assetId, amount } = command;
	state.funds.begin({ userId, externalId, kind, assetId, amount, partition, seq, doneAtMs: 0 });
}

function pendingOrder(
	partition: number,
	record: CommandRecord,
	command: PlaceOrder | CancelReplace,
): OrderState {
	return {
		side: command.side,
		type: command.type,
		timeInForce: command.timeInForce,
		byQuote: command.byQuote,
		priceTicks: command.priceTicks,
		qtyLots: command.qtyLots,
		capTickLots: command.capTickLots,
		stopPriceTicks: command.stopPriceTicks,
		displayLots: command.displayLots,
		stpMode: command.stpMode,
		makerFeePpm: command.makerFeePpm,
		takerFeePpm: command.takerFeePpm,
		clientOrderId: command.clientOrderId,
		clientIdGiven: command.clientIdGiven,
		strategyId: command.strategyId,
		strategyType: command.strategyType,
		partition,
		symbolId: command.symbolId,
		shard: record.shard,
		seq: record.seq,
		orderId: 0,
		userId: command.userId,
		status: OrderStatus.Pending,
		expiryReason: ExpiryReason.None,
		cumQtyLots: 0,
		cumTickLots: 0,
		preventedLots: 0,
		preventedTickLots: 0,
		preventedMatchId: 0,
		holdAssetId: command.hold.assetId,
		heldAmount: command.hold.amount,
		createdAtMs: record.ts,
		updatedAtMs: record.ts,
		workingAtMs: 0,
		evSeq: 0,
	};
}
