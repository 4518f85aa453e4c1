import type {
	AccountAnswer,
	AccountService,
	AmendAnswer,
	AuditAnswer,
	CancelAllAnswer,
	CancelAnswer,
	CancelReplaceAnswer,
	CommandName,
	FindAnswer,
	FundsAnswer,
	FundsHistoryRequest,
	FundsMovement,
	FundsRequest,
	OrderCount,
	Outcome,
	PartAnswer,
	PlaceAnswer,
	RecentAnswer,
	Refusal,
	RefusalReason,
} from "../ports/account-service.ts";
import { Rejection } from "../rejection.ts";
import type { Methods } from "./methods.ts";
import {
	amendRequest,
	caller,
	cancelReplaceRequest,
	cancelRequest,
	fill,
	findRequest,
	orderState,
	placeRequest,
} from "./order-shapes.ts";
import {
	big,
	constant,
	flag,
	list,
	nullable,
	object,
	one,
	optional,
	type Shape,
	text,
	tuple,
	variant,
	whole,
} from "./shape.ts";
import { balanceLine, userEventId, userEventsSince } from "./user-event-shapes.ts";

/** A record, since one that is left out of it does not compile. */
const REASONS = {
	rejected: 0,
	insufficientBalance: 0,
	duplicateOrder: 0,
	noPrice: 0,
	unknownOrder: 0,
	clientOrderIdMismatch: 0,
	maxNumOrders: 0,
	maxNumStopOrders: 0,
	minNotional: 0,
	tooManyOrders: 0,
	tooManyClientOrderIds: 0,
	amendInFlight: 0,
	amendNoChange: 0,
	timestampOutsideWindow: 0,
	signatureReplayed: 0,
	keyRevoked: 0,
	accountFrozen: 0,
	withdrawalsStopped: 0,
	overloaded: 0,
	unknown: 0,
	amountOutOfRange: 0,
	externalIdClash: 0,
} as const satisfies Record<RefusalReason, 0>;

const refusal = object<Refusal>({
	reason: one(Object.keys(REASONS) as RefusalReason[]),
	rejection: optional(one(Object.values(Rejection))),
	detail: optional(text),
	retryAfterMs: optional(whole),
});

const command = optional(
	object<CommandName>({ partition: whole, shard: whole, epoch: whole, seq: whole }),
);

function outcome<T>(value: Shape<T>): Shape<Outcome<T>> {
	return variant<Outcome<T>, "ok">("ok", [
		[true, { value, command }],
		[false, { refusal, command }],
	]);
}

function partAnswer<T>(answer: Shape<T>): Shape<PartAnswer<T>> {
	return variant<PartAnswer<T>, "result">("result", [
		["success", { answer }],
		["failure", { refusal }],
		["notAttempted", {}],
	]);
}

const orderCounts = list(object<OrderCount>({ intervalMs: whole, limit: whole, count: whole }));

const placeAnswer = object<PlaceAnswer>({
	order: orderState,
	fills: list(fill),
	transactMs: whole,
	orderCounts,
});

const cancelAnswer = object<CancelAnswer>({
	order: orderState,
	origClientOrderId: text,
	clientOrderId: text,
	transactMs: whole,
});

const findAnswer = variant<FindAnswer, "found">("found", [
	[true, { order: orderState, fills: list(fill) }],
	[false, { partition: whole, floorEvSeq: whole }],
]);

const fundsRequest = object<FundsRequest>({
	userId: whole,
	assetId: whole,
	amount: big,
	externalId: text,
});

const fundsAnswer = object<FundsAnswer>({
	available: big,
	held: big,
	transactMs: whole,
	repeated: flag,
});

const fundsHistoryRequest = object<FundsHistoryRequest>({
	kind: one(["deposit", "withdrawal"]),
	assetId: whole,
	externalIds: list(text),
	startMs: whole,
	endMs: whole,
	offset: whole,
	limit: whole,
});

const fundsMovement = object<FundsMovement>({
	assetId: whole,
	amount: big,
	externalId: text,
	doneAtMs: whole,
});

/** Every method of an account worker. */
export const accountMethods: Methods<AccountService> = {
	placeOrder: { args: tuple(caller, placeRequest), value: outcome(placeAnswer) },
	cancelOrder: { args: tuple(caller, cancelRequest), value: outcome(cancelAnswer) },
	cancelReplace: {
		args: tuple(caller, cancelReplaceRequest),
		value: outcome(
			object<CancelReplaceAnswer>({
				cancel: partAnswer(cancelAnswer),
				place: partAnswer(placeAnswer),
				orderCounts,
			}),
		),
	},
	amendOrder: {
		args: tuple(caller, amendRequest),
		value: outcome(
			object<AmendAnswer>({
				order: orderState,
				origClientOrderId: text,
				transactMs: whole,
				executionId: whole,
			}),
		),
	},
	cancelAll: {
		args: tuple(caller, whole),
		value: outcome(object<CancelAllAnswer>({ canceled: list(cancelAnswer) })),
	},
	account: {
		args: tuple(whole),
		value: outcome(
			object<AccountAnswer>({
				userId: whole,
				balances: list(balanceLine),
				updatedAtMs: whole,
				frozen: flag,
				withdrawalsStopped: flag,
			}),
		),
	},
	openOrders: { args: tuple(whole, whole), value: outcome(list(orderState)) },
	findOrder: { args: tuple(whole, findRequest), value: outcome(findAnswer) },
	recentOrders: {
		args: tuple(whole, whole),
		value: outcome(
			object<RecentAnswer>({
				orders: list(orderState),
				fills: list(fill),
				partition: whole,
				floorEvSeq: whole,
			}),
		),
	},
	orderCounts: { args: tuple(whole), value: outcome(orderCounts) },
	deposit: { args: tuple(fundsRequest), value: outcome(fundsAnswer) },
	withdraw: { args: tuple(fundsRequest), value: outcome(fundsAnswer) },
	fundsHistory: {
		args: tuple(whole, fundsHistoryRequest),
		value: outcome(list(fundsMovement)),
	},
	raiseKeyGeneration: { args: tuple(whole, whole), value: constant(undefined) },
	setFrozen: { args: tuple(whole, flag), value: constant(undefined) },
	userEventsSince: { args: tuple(whole, nullable(userEventId)), value: userEventsSince },
	audit: {
		args: tuple(),
		value: object<AuditAnswer>({
			checks: list(
				object<AuditAnswer["checks"][number]>({
					invariant: whole,
					says: text,
					checked: whole,
					faults: list(text),
				}),
			),
			evSeqs: list(whole),
			sampled: object<AuditAnswer["sampled"]>({
				rounds: whole,
				withdrawalsStopped: flag,
				faults: list(text),
			}),
			clearing: list(
				object<AuditAnswer["clearing"][number]>({ partition: whole, assetId: whole, amount: big }),
			),
			clearingMarks: list(
				object<AuditAnswer["clearingMarks"][number]>({
					partition: whole,
					evSeq: whole,
					rows: list(
						object<AuditAnswer["clearingMarks"][number]["rows"][number]>({
							assetId: whole,
							amount: big,
						}),
					),
				}),
			),
		}),
	},
	resumeWithdrawals: { args: tuple(list(text)), value: constant(undefined) },
};
