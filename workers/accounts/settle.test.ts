import { describe, expect, test } from "bun:test";
import { type Command, CommandKind, type CommandRecord } from "../../schemas/command.ts";
import { type Event, EventKind, type EventRecord } from "../../schemas/event.ts";
import { OrderStatus } from "../../schemas/order.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { newOrderOf } from "./holds.ts";
import { Settler } from "./settle.ts";
import { takeCommand } from "./taking.ts";
import { loadedState } from "./testing/state.ts";
import { BTCUSDT } from "./testing/symbols.ts";
import { order } from "./testing/world.ts";

/* What the engine never says, or not to a worker that is right: records made by hand. User 7, shard 1. */
const USDT = 2;

function settling(available: bigint) {
	const state = loadedState({
		balances: [
			{ accountId: 7, assetId: USDT, available, held: 0n },
			{ accountId: -2, assetId: USDT, available, held: 0n },
		],
	});
	const settler = new Settler(state);
	let seq = 0;
	const taken = (command: Command): CommandRecord => {
		seq += 1;
		const record = { shard: 1, epoch: 1, seq, ts: 1_000, command };
		takeCommand(state, 0, record);
		return record;
	};
	const answered = (record: CommandRecord, events: Event[], changes: Partial<EventRecord> = {}) => {
		const answer = {
			...{ ...record, partition: 0, evSeq: seq, part: 0, last: true, events, hash: "" },
			...changes,
		};
		return settler.settle([answer], 5_000);
	};
	const usdt = () => {
		const { available: left, held } = state.balances.of(7, USDT);
		return `${left}/${held}`;
	};
	return { state, settler, taken, answered, usdt };
}

function placing(amount: bigint): Command {
	const need = { assetId: USDT, amount, qtyLots: 10, capTickLots: 0 };
	const hold = { assetId: USDT, amount };
	const newOrder = newOrderOf(order(), need, BTCUSDT);
	return { ...newOrder, kind: CommandKind.PlaceOrder, userId: 7, symbolId: 1, hold };
}

const admitted: Event = {
	...{ kind: EventKind.OrderAdmitted, symbolId: 1, orderId: 9, userId: 7 },
};
const refused: Event = { kind: EventKind.CommandRejected, reason: Rejection.InvalidCommand };

test("in a replay available may be negative for a while, afterwards never", () => {
	const replay = settling(9_999n);
	replay.answered(replay.taken(placing(10_000n)), [admitted]);
	expect(replay.usdt()).toBe("-1/10000");
	const live = settling(9_999n);
	live.settler.goLive();
	const record = live.taken(placing(10_000n));
	expect(() => live.answered(record, [admitted])).toThrow("account 7 has -1 of asset 2");
});

describe("a command that the engine cannot take", () => {
	test("a withdrawal: what it held is free again, and so is its id", () => {
		const { state, taken, answered, usdt } = settling(500n);
		const funds = { userId: 7, assetId: USDT, amount: 300n, externalId: "w" };
		const record = taken({ ...funds, kind: CommandKind.Withdraw });
		expect(usdt()).toBe("200/300");
		answered(record, [refused]);
		expect(usdt()).toBe("500/0");
		expect(state.funds.find(7, "withdrawal", "w")).toBeUndefined();
		expect([...state.funds.pending()]).toEqual([]);
	});

	test("a withdrawal that was asked for again, as a start reads it: both before what became of the first", () => {
		const { state, taken, answered, usdt } = settling(500n);
		const funds = { userId: 7, assetId: USDT, amount: 300n, externalId: "w" };
		const [first, second] = [0, 1].map(() => taken({ ...funds, kind: CommandKind.Withdraw }));
		expect(usdt()).toBe("-100/600");
		answered(first as CommandRecord, [refused]);
		expect(usdt()).toBe("200/300");
		const done: Event = { kind: EventKind.Withdrawn, userId: 7, assetId: USDT };
		answered(second as CommandRecord, [done], { evSeq: 3 });
		expect(usdt()).toBe("200/0");
		expect([...state.funds.pending()]).toEqual([]);
		expect(state.funds.find(7, "withdrawal", "w")?.row.doneAtMs).toBe(1_000);
	});

	test("a deposit: nothing has come", () => {
		const { state, taken, answered, usdt } = settling(500n);
		const funds = { userId: 7, assetId: USDT, amount: 300n, externalId: "d" };
		answered(taken({ ...funds, kind: CommandKind.Deposit }), [refused]);
		expect(usdt()).toBe("500/0");
		expect(state.funds.find(7, "deposit", "d")).toBeUndefined();
	});

	test("an order: its hold is free again, once, and it is nowhere", () => {
		const { state, taken, answered, usdt } = settling(10_000n);
		const record = taken(placing(10_000n));
		const { placed } = answered(record, [refused]);
		expect(placed?.state).toMatchObject({ status: OrderStatus.Rejected, heldAmount: 0n });
		expect(usdt()).toBe("10000/0");
		expect([...state.orders.all()]).toEqual([]);
		expect(answered(record, [refused]).placed).toBeNull();
		expect(usdt()).toBe("10000/0");
	});

	test("an amend: the next one may go, and the id it asked for is free", () => {
		const { state, taken, answered } = settling(10_000n);
		answered(taken(placing(10_000n)), [admitted]);
		const amend = { userId: 7, symbolId: 1, orderId: 9, newQtyLots: 5, clientOrderId: "new" };
		const record = taken({ ...amend, kind: CommandKind.AmendOrder });
		const onItsWay = { userId: 7, seq: record.seq, clientOrderId: "new" };
		expect(state.orders.find(1, 9)?.amend).toEqual(onItsWay);
		expect(state.clientIds.clashes(7, "new", 1_000)).toBe(true);
		answered(record, [refused]);
		expect(state.orders.find(1, 9)?.amend).toBeNull();
		expect(state.clientIds.clashes(7, "new", 1_000)).toBe(false);
	});

	test("another shard's is none of this one's", () => {
		const { state, taken, answered, usdt } = settling(500n);
		const funds = { userId: 7, assetId: USDT, amount: 300n, externalId: "w" };
		const record = taken({ ...funds, kind: CommandKind.Withdraw });
		answered(record, [refused], { shard: 2 });
		expect(usdt()).toBe("200/300");
		expect([...state.funds.pending()]).toHaveLength(1);
	});
});

test("an event proves that the log has its command, and those before it", () => {
	const { state, taken, answered } = settling(30_000n);
	const first = taken(placing(10_000n));
	taken(placing(10_000n));
	answered(first, [admitted]);
	expect([state.unlogged.loggedSeq(0), state.positions.of(0).heldSeq]).toEqual([1, 1]);
	expect(state.balances.of(7, USDT)).toMatchObject({ held: 20_000n, unlogged: 10_000n });
	// An epoch's record and another shard's say nothing of this shard's commands.
	for (const changes of [{ seq: 0 }, { shard: 2, seq: 2 }]) {
		answered(first, [{ kind: EventKind.EpochRaised, shard: 1, epoch: 2 }], changes);
		expect(state.unlogged.loggedSeq(0)).toBe(1);
	}
	// A late one takes nothing back.
	state.positions.of(0).heldSeq = 8;
	answered(first, [{ kind: EventKind.BeatSeen }]);
	expect(state.positions.of(0).heldSeq).toBe(8);
});

const filled: Event = { kind: EventKind.OrderFilled, symbolId: 1, orderId: 99, userId: 7 };
const restored: Event = { kind: EventKind.OrderRestored, symbolId: 1, orderId: 99, userId: 7 };
const beyond: Event = {
	...{ kind: EventKind.Traded, symbolId: 1, tradeId: 1, makerOrderId: 9, takerOrderId: 50 },
	...{ makerUserId: 7, takerUserId: 8, takerSide: 1, priceTicks: 101, qtyLots: 1 },
	...{ makerFeePpm: 0, takerFeePpm: 0, makerLeavesLots: 9 },
};

test.each([
	["the end of an order that is not known", "names order 99", [filled]],
	["an order that a recovery put into the book and nobody holds for", "names order 99", [restored]],
	["a trade beyond the order's limit", "order 9 trades beyond its limit", [admitted, beyond]],
	["an order that is admitted twice", "admitted without its command", [admitted, admitted]],
] as [string, string, Event[]][])("it is not gone on with %s", (_, why, events) => {
	const { taken, answered } = settling(20_000n);
	const record = taken(placing(10_000n));
	const settled = () => {
		for (const event of events) answered(record, [event]);
	};
	expect(settled).toThrow(why);
});
