import {
	CommandKind,
	type CommandRecord,
	type Hold,
	type Withdraw,
} from "../../schemas/command.ts";
import { pendingOrder } from "../shared/order-lifecycle.ts";
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
			return state.orders.add(
				pendingOrder(command, placedAt(partition, record), command.hold.amount),
			);
		case CommandKind.Withdraw:
			hold(state, partition, record.seq, command.userId, command);
			beginFunds(state, partition, record.seq, "withdrawal", command);
			return null;
		case CommandKind.Deposit:
			beginFunds(state, partition, record.seq, "deposit", command);
			return null;
		case CommandKind.AmendOrder: {
			const { userId, clientOrderId } = command;
			const order = state.orders.amending(command, { userId, seq: record.seq, clientOrderId });
			if (order?.state.clientOrderId !== clientOrderId) {
				state.clientIds.take(userId, clientOrderId);
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

function placedAt(partition: number, { shard, seq, ts }: CommandRecord) {
	return { partition, shard, seq, ts };
}
