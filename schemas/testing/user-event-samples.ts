import * as fc from "fast-check";
import { among, amount, id, text } from "./link-samples.ts";
import { fillSample, orderSample, rejectionSample } from "./order-samples.ts";

export const balanceSample = fc.record({ assetId: id, available: amount, held: amount });

export const eventIdSample = fc.record({ partition: id, evSeq: id, n: id });
const event = fc.oneof(
	fc.record({
		kind: fc.constant("executionReport" as const),
		execution: among(["NEW", "TRADE", "TRADE_PREVENTION"] as const),
		order: orderSample,
		fill: fc.option(fillSample),
		lastPreventedLots: id,
		counterOrderId: id,
		priceTicks: id,
		origClientOrderId: text,
		clientOrderId: text,
		rejection: rejectionSample,
	}),
	fc.record({
		kind: fc.constant("outboundAccountPosition" as const),
		balances: fc.array(balanceSample, { maxLength: 3 }),
	}),
	fc.record({ kind: fc.constant("balanceUpdate" as const), assetId: id, delta: amount }),
);
export const userEventSample = fc.record({
	userId: id,
	id: eventIdSample,
	epoch: id,
	previous: fc.option(eventIdSample),
	ts: id,
	event,
});
