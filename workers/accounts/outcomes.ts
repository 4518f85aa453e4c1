import { CommandKind } from "../../schemas/command.ts";
import { EventKind } from "../../schemas/event.ts";
import { invariant } from "../../schemas/invariant.ts";
import type {
	AmendAnswer,
	CancelAllAnswer,
	CancelAnswer,
	CancelReplaceAnswer,
	FundsAnswer,
	Outcome,
	PlaceAnswer,
	Refusal,
} from "../../schemas/ports/account-service.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { executionIdOf } from "../../schemas/user-event.ts";
import type { Settled } from "./settle.ts";
import type { AccountState } from "./state.ts";
import type { Tracked } from "./tracked.ts";

/** The engine's no. */
export function rejected(rejection: Rejection): Refusal {
	if (rejection === Rejection.UnknownOrder) return { reason: "unknownOrder", rejection };
	return { reason: "rejected", rejection };
}

/** Works out what clients are told, from settled answers and the state they left. */
export class Outcomes {
	private readonly state: AccountState;
	private readonly nowMs: () => number;

	constructor(state: AccountState, nowMs: () => number) {
		this.state = state;
		this.nowMs = nowMs;
	}

	readonly placed = (settled: Settled): Outcome<PlaceAnswer> => {
		const { answer, placed } = settled;
		if (answer.kind === EventKind.OrderAccepted && placed !== null) {
			return { ok: true, value: this.placeAnswer(settled, placed) };
		}
		return { ok: false, refusal: rejected(reasonOf(settled)) };
	};

	readonly canceled = (settled: Settled): Outcome<CancelAnswer> => {
		const [order] = settled.canceled;
		if (settled.answer.kind === EventKind.OrderCanceled && order !== undefined) {
			return { ok: true, value: cancelAnswer(settled, order) };
		}
		return { ok: false, refusal: rejected(reasonOf(settled)) };
	};

	/** @param unfound why the account worker knew of no order to cancel, if it did not: the engine knows less */
	readonly replaced = (settled: Settled, unfound: Refusal | null): Outcome<CancelReplaceAnswer> => {
		const { answer, canceled, placed } = settled;
		if (answer.kind !== EventKind.CancelReplaceAnswered) {
			return { ok: false, refusal: rejected(reasonOf(settled)) };
		}
		const old = canceled.find((order) => order.state.orderId === answer.oldOrderId);
		const orderCounts = this.state.counts.of(answer.userId, this.nowMs());
		const cancel: CancelReplaceAnswer["cancel"] =
			answer.cancelReason === Rejection.None && old !== undefined
				? { result: "success", answer: cancelAnswer(settled, old) }
				: { result: "failure", refusal: unfound ?? rejected(answer.cancelReason) };
		if (answer.newOrderId !== 0 && placed !== null) {
			const place = { result: "success", answer: this.placeAnswer(settled, placed) } as const;
			return { ok: true, value: { cancel, place, orderCounts } };
		}
		const place: CancelReplaceAnswer["place"] =
			answer.newReason === Rejection.NotAttempted
				? { result: "notAttempted" }
				: { result: "failure", refusal: rejected(answer.newReason) };
		return { ok: true, value: { cancel, place, orderCounts } };
	};

	readonly amended = (settled: Settled): Outcome<AmendAnswer> => {
		const { answer, record } = settled;
		if (answer.kind !== EventKind.OrderAmended) {
			return { ok: false, refusal: this.amendRefusal(settled) };
		}
		const order = this.state.orders.find(answer.symbolId, answer.orderId);
		invariant(order !== undefined, `the amended order ${answer.orderId} is known`);
		const origClientOrderId = order.formerClientOrderId;
		const { partition, evSeq, ts: transactMs } = record;
		// An amend fills nothing, so its report is the first that its record yields.
		const executionId = executionIdOf({ partition, evSeq, n: 0 });
		return {
			ok: true,
			value: { order: order.state, origClientOrderId, transactMs, executionId },
		};
	};

	readonly allCanceled = (settled: Settled): Outcome<CancelAllAnswer> => {
		if (settled.answer.kind !== EventKind.AllCanceled || settled.canceled.length === 0) {
			return { ok: false, refusal: rejected(reasonOf(settled)) };
		}
		return {
			ok: true,
			value: { canceled: settled.canceled.map((order) => cancelAnswer(settled, order)) },
		};
	};

	readonly funded = (settled: Settled): Outcome<FundsAnswer> => {
		const { answer, record } = settled;
		if (answer.kind !== EventKind.Deposited && answer.kind !== EventKind.Withdrawn) {
			return { ok: false, refusal: rejected(reasonOf(settled)) };
		}
		return { ok: true, value: this.fundsAnswer(answer.userId, answer.assetId, record.ts, false) };
	};

	fundsAnswer(userId: number, assetId: number, transactMs: number, repeated: boolean): FundsAnswer {
		const { available, held } = this.state.balances.of(userId, assetId);
		return { available, held, transactMs, repeated };
	}

	/** The engine has one word for an amend that asks for too much, and for one that asks for too little. */
	private amendRefusal(settled: Settled): Refusal {
		const refusal = rejected(reasonOf(settled));
		const { command } = settled.record;
		if (refusal.rejection !== Rejection.AmendNotReducing) return refusal;
		if (command?.kind !== CommandKind.AmendOrder) return refusal;
		const order = this.state.orders.find(command.symbolId, command.orderId);
		if (order === undefined || command.newQtyLots >= order.state.qtyLots) return refusal;
		return { ...refusal, detail: "quantity that leaves nothing open" };
	}

	private placeAnswer(settled: Settled, placed: Tracked): PlaceAnswer {
		return {
			order: placed.state,
			fills: placed.fills.slice(),
			transactMs: settled.record.ts,
			orderCounts: this.state.counts.of(placed.state.userId, this.nowMs()),
		};
	}
}

function cancelAnswer(settled: Settled, order: Tracked): CancelAnswer {
	const { command, ts: transactMs } = settled.record;
	const origClientOrderId = order.state.clientOrderId;
	const clientOrderId =
		command?.kind === CommandKind.CancelOrder
			? command.clientOrderId
			: command?.kind === CommandKind.CancelReplace
				? command.cancelClientOrderId
				: origClientOrderId;
	return { order: order.state, origClientOrderId, clientOrderId, transactMs };
}

/** The engine's reason in whatever answer carries one. */
function reasonOf(settled: Settled): Rejection {
	const { answer } = settled;
	switch (answer.kind) {
		case EventKind.OrderRejected:
		case EventKind.CancelRejected:
		case EventKind.AmendRejected:
		case EventKind.CancelAllRejected:
		case EventKind.CommandRejected:
			return answer.reason;
		default:
			return Rejection.UnknownOrder;
	}
}
