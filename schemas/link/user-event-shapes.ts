import { Rejection } from "../rejection.ts";
import type {
	BalanceLine,
	ExecutionType,
	UserEvent,
	UserEventId,
	UserEventMessage,
	UserEventsSince,
} from "../user-event.ts";
import { fill, orderState } from "./order-shapes.ts";
import { big, list, nullable, object, one, text, variant, whole } from "./shape.ts";

/** A record, since one that is left out of it does not compile. */
const EXECUTIONS = {
	NEW: 0,
	CANCELED: 0,
	REPLACED: 0,
	REJECTED: 0,
	TRADE: 0,
	EXPIRED: 0,
	TRADE_PREVENTION: 0,
} as const satisfies Record<ExecutionType, 0>;

export const balanceLine = object<BalanceLine>({ assetId: whole, available: big, held: big });

export const userEventId = object<UserEventId>({ partition: whole, evSeq: whole, n: whole });

const userEvent = variant<UserEvent, "kind">("kind", [
	[
		"executionReport",
		{
			execution: one(Object.keys(EXECUTIONS) as ExecutionType[]),
			order: orderState,
			fill: nullable(fill),
			lastPreventedLots: whole,
			counterOrderId: whole,
			priceTicks: whole,
			origClientOrderId: text,
			clientOrderId: text,
			rejection: one(Object.values(Rejection)),
		},
	],
	["outboundAccountPosition", { balances: list(balanceLine) }],
	["balanceUpdate", { assetId: whole, delta: big }],
]);

export const userEventMessage = object<UserEventMessage>({
	userId: whole,
	id: userEventId,
	epoch: whole,
	previous: nullable(userEventId),
	ts: whole,
	event: userEvent,
});

export const userEventsSince = object<UserEventsSince>({
	epoch: whole,
	last: nullable(userEventId),
	events: nullable(list(userEventMessage)),
});
