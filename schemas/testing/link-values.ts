import * as fc from "fast-check";
import type { AskedMarketData } from "../link/market-data-methods.ts";
import { KLINE_INTERVALS } from "../market.ts";
import type { Fill, OrderState } from "../order-state.ts";
import type { AccountService, RefusalReason } from "../ports/account-service.ts";
import { Rejection } from "../rejection.ts";
import type { SymbolSpec } from "../symbol.ts";
import { btc, btcUsdt, eth } from "./symbols.ts";

/** Arguments and results of every method that crosses links: one that is left out does not compile. */
export type Samples<S> = {
	readonly [M in keyof S]: S[M] extends (...args: infer A) => infer V
		? { readonly args: fc.Arbitrary<A>; readonly value: fc.Arbitrary<Awaited<V>> }
		: never;
};

const id = fc.maxSafeNat();
const signed = fc.maxSafeInteger();
const text = fc.string({ unit: "binary", maxLength: 40 });
const amount = fc.bigInt(-(10n ** 40n), 10n ** 40n);

function among<T>(values: readonly T[]): fc.Arbitrary<T> {
	return fc.constantFrom(...values);
}

const caller = fc.record({
	userId: id,
	keyId: id,
	keyGeneration: id,
	signatureDigest: text,
	timestampMs: id,
	recvWindowMs: fc.double({ min: 0, max: 60_000, noNaN: true, noInteger: true }),
});

const askedOrder = {
	symbolId: id,
	side: among([0, 1] as const),
	type: among([0, 1, 2, 3, 4, 5, 6] as const),
	timeInForce: among([0, 1, 2] as const),
	byQuote: fc.boolean(),
	priceTicks: id,
	qtyLots: id,
	stopPriceTicks: id,
	displayLots: id,
	stpMode: among([0, 1, 2, 3, 4, 5] as const),
	clientOrderId: text,
	clientIdGiven: fc.boolean(),
	strategyId: id,
	strategyType: id,
};

const place = fc.record({ ...askedOrder, quoteTickLots: id });

const cancel = fc.record({
	symbolId: id,
	orderId: id,
	origClientOrderId: text,
	clientOrderId: text,
	restriction: among([0, 1, 2] as const),
});

const order: fc.Arbitrary<OrderState> = fc.record({
	...askedOrder,
	capTickLots: id,
	makerFeePpm: id,
	takerFeePpm: id,
	partition: id,
	shard: id,
	seq: id,
	orderId: id,
	userId: id,
	status: among([0, 1, 2, 3, 4, 5, 6, 7] as const),
	expiryReason: among([0, 1, 2, 3, 4] as const),
	cumQtyLots: id,
	cumTickLots: id,
	preventedLots: id,
	preventedTickLots: id,
	preventedMatchId: id,
	holdAssetId: id,
	heldAmount: amount,
	createdAtMs: id,
	updatedAtMs: id,
	workingAtMs: id,
	evSeq: id,
});

export const fillSample: fc.Arbitrary<Fill> = fc.record({
	partition: id,
	symbolId: id,
	tradeId: id,
	orderId: id,
	userId: id,
	side: among([0, 1] as const),
	isMaker: fc.boolean(),
	priceTicks: id,
	qtyLots: id,
	feeAmount: amount,
	feeAssetId: id,
	ts: id,
	evSeq: id,
});

const orders = fc.array(order, { maxLength: 3 });
const fills = fc.array(fillSample, { maxLength: 3 });

const REASONS: readonly RefusalReason[] = ["rejected", "noPrice", "overloaded", "externalIdClash"];
const rejection = among(Object.values(Rejection));
const refusal = fc.record(
	{ reason: among(REASONS), rejection, detail: text, retryAfterMs: id },
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

export const placedSample = fc.record({ order, fills, transactMs: id, orderCounts: counts });
const canceled = fc.record({
	order,
	origClientOrderId: text,
	clientOrderId: text,
	transactMs: id,
});
const found = fc.oneof(
	fc.record({ found: fc.constant(true as const), order, fills }),
	fc.record({ found: fc.constant(false as const), partition: id, floorEvSeq: id }),
);
const balance = fc.record({ assetId: id, available: amount, held: amount });
const eventId = fc.record({ partition: id, evSeq: id, n: id });
const event = fc.oneof(
	fc.record({
		kind: fc.constant("executionReport" as const),
		execution: among(["NEW", "TRADE", "TRADE_PREVENTION"] as const),
		order,
		fill: fc.option(fillSample),
		lastPreventedLots: id,
		counterOrderId: id,
		priceTicks: id,
		origClientOrderId: text,
		clientOrderId: text,
		rejection,
	}),
	fc.record({
		kind: fc.constant("outboundAccountPosition" as const),
		balances: fc.array(balance, { maxLength: 3 }),
	}),
	fc.record({ kind: fc.constant("balanceUpdate" as const), assetId: id, delta: amount }),
);
export const userEventSample = fc.record({
	userId: id,
	id: eventId,
	epoch: id,
	previous: fc.option(eventId),
	ts: id,
	event,
});
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
		value: outcome(fc.record({ order, origClientOrderId: text, transactMs: id, executionId: id })),
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
				balances: fc.array(balance, { maxLength: 3 }),
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
	raiseKeyGeneration: { args: fc.tuple(id, id), value: nothing },
	setFrozen: { args: fc.tuple(id, fc.boolean()), value: nothing },
	userEventsSince: {
		args: fc.tuple(id, fc.option(eventId)),
		value: fc.record({
			epoch: id,
			last: fc.option(eventId),
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
		}),
	},
	resumeWithdrawals: { args: fc.tuple(fc.array(text, { maxLength: 3 })), value: nothing },
};

const bounds = { startMs: fc.option(id), endMs: fc.option(id), limit: id };
const range = fc.record({ fromId: fc.option(id), ...bounds });
const levels = fc.array(fc.tuple(id, id), { maxLength: 5 });
const interval = among(KLINE_INTERVALS);

export const marketDataSamples: Samples<AskedMarketData> = {
	depth: {
		args: fc.tuple(id, id),
		value: fc.record({ lastUpdateId: id, bids: levels, asks: levels }),
	},
	trades: {
		args: fc.tuple(id, range),
		value: fc.array(
			fc.record({
				symbolId: id,
				tradeId: id,
				priceTicks: id,
				qtyLots: id,
				ts: id,
				buyerIsMaker: fc.boolean(),
			}),
			{ maxLength: 3 },
		),
	},
	aggTrades: {
		args: fc.tuple(id, range),
		value: fc.array(
			fc.record({
				symbolId: id,
				aggTradeId: id,
				priceTicks: id,
				qtyLots: id,
				firstTradeId: id,
				lastTradeId: id,
				ts: id,
				buyerIsMaker: fc.boolean(),
			}),
			{ maxLength: 3 },
		),
	},
	klines: {
		args: fc.tuple(id, interval, fc.record(bounds), signed),
		value: fc.array(
			fc.record({
				symbolId: id,
				interval,
				openTimeMs: id,
				closeTimeMs: id,
				openTicks: id,
				highTicks: id,
				lowTicks: id,
				closeTicks: id,
				volumeLots: amount,
				quoteTickLots: amount,
				takerBuyLots: amount,
				takerBuyTickLots: amount,
				trades: id,
				firstTradeId: id,
				lastTradeId: id,
				closed: fc.boolean(),
			}),
			{ maxLength: 3 },
		),
	},
	ticker: {
		args: fc.tuple(id, id, id),
		value: fc.record({
			symbolId: id,
			openTicks: id,
			highTicks: id,
			lowTicks: id,
			lastTicks: id,
			lastQtyLots: id,
			prevCloseTicks: id,
			volumeLots: amount,
			quoteTickLots: amount,
			openTimeMs: id,
			closeTimeMs: id,
			firstTradeId: signed,
			lastTradeId: signed,
			trades: id,
		}),
	},
	bookTicker: {
		args: fc.tuple(id),
		value: fc.record({
			symbolId: id,
			updateId: id,
			bidTicks: id,
			bidLots: id,
			askTicks: id,
			askLots: id,
		}),
	},
	averagePrice: {
		args: fc.tuple(id),
		value: fc.record({
			mins: id,
			volumeLots: amount,
			quoteTickLots: amount,
			lastTicks: id,
			closeTimeMs: id,
		}),
	},
};

const symbol: fc.Arbitrary<SymbolSpec> = fc
	.record({ symbolId: id, symbol: text, partition: id, tickSize: text, bandPermille: id })
	.map((fields) => ({ ...btcUsdt, ...fields }));

/** The words of a link that are no calls. */
export const messageSamples = {
	hello: fc.oneof(
		fc.record({
			service: fc.constant("accounts" as const),
			shards: fc.array(fc.record({ shard: id, epoch: id }), { maxLength: 3 }),
		}),
		fc.record({
			service: fc.constant("market-data" as const),
			partitions: fc.array(id, { maxLength: 3 }),
		}),
	),
	call: fc.record({ id, target: id, atLeast: id, method: text }),
	answer: fc.record({ id, evSeq: id }),
	failure: fc.record({ id, reason: text }),
	settled: fc.record({ partition: id, evSeq: id }),
	venue: fc.record({
		partition: id,
		evSeq: id,
		state: fc.record({
			assets: fc.array(among([btc, eth]), { maxLength: 3 }),
			symbols: fc.array(symbol, { maxLength: 3 }),
		}),
	}),
};
