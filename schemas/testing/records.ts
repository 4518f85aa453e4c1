import * as fc from "fast-check";
import { type Command, CommandKind, type OrdersRecord } from "../command.ts";
import { type Event, EventKind, type EventRecord } from "../event.ts";
import { EVENT_FIELDS } from "../event-words.ts";
import { btc, btcUsdt } from "./symbols.ts";

/** Arbitrary records for property tests: every kind, numbers and texts to their limits. */
const id = fc.maxSafeNat();
const text = fc.string({ unit: "binary", maxLength: 40 });
const amount = fc.bigInt(0n, 10n ** 40n);
const hold = fc.record({ assetId: id, amount });

const newOrder = {
	side: fc.constantFrom(0, 1) as fc.Arbitrary<0 | 1>,
	type: fc.constantFrom(0, 1, 2, 3, 4, 5, 6) as fc.Arbitrary<0>,
	timeInForce: fc.constantFrom(0, 1, 2) as fc.Arbitrary<0>,
	byQuote: fc.boolean(),
	priceTicks: id,
	qtyLots: id,
	capTickLots: id,
	stopPriceTicks: id,
	displayLots: id,
	stpMode: fc.constantFrom(0, 1, 2, 3, 4, 5) as fc.Arbitrary<0>,
	makerFeePpm: id,
	takerFeePpm: id,
	clientOrderId: text,
	clientIdGiven: fc.boolean(),
	strategyId: id,
	strategyType: id,
};
const ofUser = { userId: id, symbolId: id };
const funds = { userId: id, assetId: id, amount, externalId: text };
const asset = fc.record({ assetId: id, asset: text, name: text, decimals: id });
const symbol = fc
	.record({ symbol: text, symbolId: id, base: asset, tickSize: text })
	.map((fields) => ({ ...btcUsdt, ...fields }));
const choice = fc.constantFrom(0, 1, 2) as fc.Arbitrary<0>;

/** One arbitrary per kind: a kind without one does not compile. */
const BY_KIND: { [K in CommandKind]: fc.Arbitrary<Omit<Extract<Command, { kind: K }>, "kind">> } = {
	[CommandKind.PlaceOrder]: fc.record({ ...ofUser, ...newOrder, hold }),
	[CommandKind.CancelOrder]: fc.record({
		...{ ...ofUser, orderId: id, restriction: choice, clientOrderId: text },
	}),
	[CommandKind.CancelReplace]: fc
		.record({
			...{ ...ofUser, ...newOrder, hold, mode: fc.constantFrom(0, 1) as fc.Arbitrary<0> },
			...{ cancelOrderId: id, cancelRestriction: choice, cancelClientOrderId: text },
			needAmount: amount,
		})
		.map((c) => ({ ...c, releaseNeeded: Number(c.needAmount - c.hold.amount) })),
	[CommandKind.AmendOrder]: fc.record({
		...{ ...ofUser, orderId: id, newQtyLots: id, clientOrderId: text },
	}),
	[CommandKind.CancelAllOrders]: fc.record(ofUser),
	[CommandKind.Deposit]: fc.record(funds),
	[CommandKind.Withdraw]: fc.record(funds),
	[CommandKind.Beat]: fc.record({}),
	[CommandKind.Tick]: fc.record({}),
	[CommandKind.AddAsset]: fc.record({ asset: fc.oneof(asset, fc.constant(btc)) }),
	[CommandKind.AddSymbol]: fc.record({ symbol }),
	[CommandKind.SetSymbolState]: fc.record({ symbolId: id, state: choice }),
	[CommandKind.SetSymbolRules]: fc.record({ symbol }),
	[CommandKind.ResumePartition]: fc.record({
		...{ evSeq: id, lastOrderId: id },
		shards: fc.array(fc.record({ shard: id, epoch: id, seq: id })),
	}),
	[CommandKind.ResumeMarket]: fc.record({ symbolId: id, lastId: id, lastTicks: id }),
	[CommandKind.Skip]: fc.record({ shard: id, seq: id }),
	[CommandKind.SetEngineVersion]: fc.record({ version: id }),
	[CommandKind.Undecodable]: fc.record({
		// As JSON gives it back: it has no -0.
		row: fc.oneof(fc.constant([]), text, fc.tuple(fc.integer({ min: 1_000 }), id, text)),
	}),
	[CommandKind.RestoreOrder]: fc.record({
		order: fc.record({
			...{ ...newOrder, ...ofUser, partition: id, shard: id, seq: id, orderId: id },
			...{ status: choice, expiryReason: choice, cumQtyLots: id, cumTickLots: id },
			...{ preventedLots: id, preventedTickLots: id, preventedMatchId: id, holdAssetId: id },
			...{ heldAmount: amount, createdAtMs: id, updatedAtMs: id, workingAtMs: id, evSeq: id },
		}),
	}),
};

/** A command of one kind. */
export function commandArbitrary(kind: CommandKind): fc.Arbitrary<Command> {
	const fields: fc.Arbitrary<object> = BY_KIND[kind];
	return fields.map((given) => ({ ...given, kind }) as Command);
}

/** An event of one kind. */
export function eventArbitrary(kind: EventKind): fc.Arbitrary<Event> {
	const fields = Object.fromEntries(EVENT_FIELDS[kind].map((field) => [field, id]));
	return fc.record(fields).map((given) => ({ ...given, kind }) as unknown as Event);
}

/** Any command, every kind as likely. */
const anyCommand = fc.oneof(...Object.values(CommandKind).map(commandArbitrary));
/** Any event, every kind as likely. */
export const anyEvent = fc.oneof(...Object.values(EventKind).map(eventArbitrary));

const head = { shard: id, epoch: id, ts: id };

/** A line of `orders`. */
export const anyOrdersRecord: fc.Arbitrary<OrdersRecord> = fc.oneof(
	fc.record({ ...head, seq: id, command: anyCommand }),
	fc.record({ ...head, command: fc.constant(null) }),
);

/** A line of `trades`. */
export const anyEventRecord: fc.Arbitrary<EventRecord> = fc.record({
	...{ ...head, partition: id, evSeq: id, seq: id, part: id, last: fc.boolean() },
	command: fc.option(anyCommand),
	events: fc.array(anyEvent, { maxLength: 12 }),
	hash: text,
});
