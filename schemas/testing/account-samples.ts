import * as fc from "fast-check";
import type { AccountService, RefusalReason } from "../ports/account-service.ts";
import { among, amount, id, type Samples, text } from "./link-samples.ts";
import { askedOrder, fillSample, orderSample, rejectionSample } from "./order-samples.ts";
import { balanceSample, eventIdSample, userEventSample } from "./user-event-samples.ts";

const caller = fc.record({
	userId: id,
	keyId: id,
	keyGeneration: id,
	signatureDigest: text,
	timestampMs: id,
	recvWindowMs: fc.double({ min: 0, max: 60_000, noNaN: true, noInteger: true }),
});

const place = fc.record({ ...askedOrder, quoteTickLots: id });

const cancel = fc.record({
	symbolId: id,
	orderId: id,
	origClientOrderId: text,
	clientOrderId: text,
	restriction: among([0, 1, 2] as const),
});

const orders = fc.array(orderSample, { maxLength: 3 });
const fills = fc.array(fillSample, { maxLength: 3 });

const REASONS: readonly RefusalReason[] = ["rejected", "noPrice", "overloaded", "externalIdClash"];
const refusal = fc.record(
	{ reason: among(REASONS), rejection: rejectionSample, detail: text, retryAfterMs: id },
	{ requiredKeys: ["reason"] },
);
const counts = fc.array(fc.record({ intervalMs: id, limit: id, count: id }), { maxLength: 3 });

const command = fc.record({ partition: id, shard: id, epoch: id, seq: id });

function outcome<T>(value: fc.Arbitrary<T>) {
	return fc.oneof(
		fc.record(
			{ ok: fc.constant(true as const), value, command },
			{ requiredKeys: ["ok", "value"] },
		),
		fc.record(
			{ ok: fc.constant(false as const), refusal, command },
			{ requiredKeys: ["ok", "refusal"] },
		),
	);
}

function part<T>(answer: fc.Arbitrary<T>) {
	return fc.oneof(
		fc.record({ result: fc.constant("success" as const), answer }),
		fc.record({ result: fc.constant("failure" as const), refusal }),
		fc.record({ result: fc.constant("notAttempted" as const) }),
	);
}

export const placedSample = fc.record({
	order: orderSample,
	fills,
	transactMs: id,
	orderCounts: counts,
});
const canceled = fc.record({
	order: orderSample,
	origClientOrderId: text,
	clientOrderId: text,
	transactMs: id,
});

const found = fc.oneof(
	fc.record({ found: fc.constant(true as const), order: orderSample, fills }),
	fc.record({ found: fc.constant(false as const), partition: id, floorEvSeq: id }),
);

const funds = fc.record({ userId: id, assetId: id, amount, externalId: text });
const funded = outcome(
	fc.record({ available: amount, held: amount, transactMs: id, repeated: fc.boolean() }),
);
const nothing = fc.constant(undefined);

export const accountSamples: Samples<AccountService> = {
	placeOrder: { args: fc.tuple(caller, place), value: outcome(placedSample) },
	cancelOrder: { args: fc.tuple(caller, cancel), value: outcome(canceled) },
	cancelReplace: {
		args: fc.tuple(caller, fc.record({ mode: among([0, 1] as const), cancel, place })),
		value: outcome(
			fc.record({ cancel: part(canceled), place: part(placedSample), orderCounts: counts }),
		),
	},
	amendOrder: {
		args: fc.tuple(
			caller,
			fc.record({
				symbolId: id,
				orderId: id,
				origClientOrderId: text,
				clientOrderId: text,
				newQtyLots: id,
			}),
		),
		value: outcome(
			fc.record({ order: orderSample, origClientOrderId: text, transactMs: id, executionId: id }),
		),
	},
	cancelAll: {
		args: fc.tuple(caller, id),
		value: outcome(fc.record({ canceled: fc.array(canceled, { maxLength: 3 }) })),
	},
	account: {
		args: fc.tuple(id),
		value: outcome(
			fc.record({
				userId: id,
				balances: fc.array(balanceSample, { maxLength: 3 }),
				updatedAtMs: id,
				frozen: fc.boolean(),
				withdrawalsStopped: fc.boolean(),
			}),
		),
	},
	openOrders: { args: fc.tuple(id, id), value: outcome(orders) },
	findOrder: {
		args: fc.tuple(id, fc.record({ symbolId: id, orderId: id, clientOrderId: text })),
		value: outcome(found),
	},
	recentOrders: {
		args: fc.tuple(id, id),
		value: outcome(fc.record({ orders, fills, partition: id, floorEvSeq: id })),
	},
	orderCounts: { args: fc.tuple(id), value: outcome(counts) },
	deposit: { args: fc.tuple(funds), value: funded },
	withdraw: { args: fc.tuple(funds), value: funded },
	fundsHistory: {
		args: fc.tuple(
			id,
			fc.record({
				kind: among(["deposit", "withdrawal"] as const),
				assetId: id,
				externalIds: fc.array(text, { maxLength: 3 }),
				startMs: id,
				endMs: id,
				offset: id,
				limit: id,
			}),
		),
		value: outcome(
			fc.array(fc.record({ assetId: id, amount, externalId: text, doneAtMs: id }), {
				maxLength: 3,
			}),
		),
	},
	raiseKeyGeneration: { args: fc.tuple(id, id), value: nothing },
	setFrozen: { args: fc.tuple(id, fc.boolean()), value: nothing },
	userEventsSince: {
		args: fc.tuple(id, fc.option(eventIdSample)),
		value: fc.record({
			epoch: id,
			last: fc.option(eventIdSample),
			events: fc.option(fc.array(userEventSample, { maxLength: 3 })),
		}),
	},
	audit: {
		args: fc.constant([]),
		value: fc.record({
			checks: fc.array(
				fc.record({
					invariant: id,
					says: text,
					checked: id,
					faults: fc.array(text, { maxLength: 3 }),
				}),
				{ maxLength: 3 },
			),
			evSeqs: fc.array(id, { maxLength: 3 }),
			sampled: fc.record({
				rounds: id,
				withdrawalsStopped: fc.boolean(),
				faults: fc.array(text, { maxLength: 3 }),
			}),
			clearing: fc.array(fc.record({ partition: id, assetId: id, amount }), { maxLength: 3 }),
			clearingMarks: fc.array(
				fc.record({
					partition: id,
					evSeq: id,
					rows: fc.array(fc.record({ assetId: id, amount }), { maxLength: 3 }),
				}),
				{ maxLength: 3 },
			),
		}),
	},
	resumeWithdrawals: { args: fc.tuple(fc.array(text, { maxLength: 3 })), value: nothing },
};
