import { CommandKind } from "../../schemas/command.ts";
import { EventKind, type EventRecord } from "../../schemas/event.ts";
import { Rejection } from "../../schemas/rejection.ts";
import type { BalanceLine } from "../../schemas/user-event.ts";
import type { AccountState } from "./state.ts";

/** After all reports of an answer: each user's balances that it changed. */
export function tellBalances(state: AccountState, record: EventRecord): void {
	const linesOf = new Map<number, BalanceLine[]>();
	for (const { accountId, assetId, available, held } of state.balances.touched()) {
		if (accountId < 0) continue;
		const lines = linesOf.get(accountId);
		if (lines === undefined) linesOf.set(accountId, [{ assetId, available, held }]);
		else lines.push({ assetId, available, held });
	}
	const { partition, evSeq, ts } = record;
	for (const [userId, lines] of linesOf) {
		state.changed(userId, ts);
		const event = { kind: "outboundAccountPosition", balances: lines } as const;
		state.userEvents.add(userId, partition, evSeq, ts, event);
	}
}

/** The own client id of the cancel that ended an order; null when no cancel named it. */
export function cancelIdOf(record: EventRecord): string | null {
	const { command } = record;
	if (command?.kind === CommandKind.CancelOrder) return command.clientOrderId;
	if (command?.kind === CommandKind.CancelReplace) return command.cancelClientOrderId;
	return null;
}

/** Why the new order of a cancel-replace was not placed. */
export function newOrderRejection(record: EventRecord): Rejection {
	const answer = record.events[record.events.length - 1];
	return answer?.kind === EventKind.CancelReplaceAnswered ? answer.newReason : Rejection.None;
}
