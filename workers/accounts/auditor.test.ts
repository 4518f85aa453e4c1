import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { OrderStatus } from "../../schemas/order.ts";
import { EXTERNAL_ACCOUNT, FEE_ACCOUNT } from "../../schemas/ports/ledger.ts";
import { lineOf } from "./audit.ts";
import { Auditor } from "./auditor.ts";
import type { AccountState } from "./state.ts";
import { loadedState, openOrder } from "./testing/state.ts";

const USDT = 2;

/** Users 7 to 7 + `users` - 1, each with 90,000 units of USDT to spend and 10,000 that an order holds. */
function soundState(users = 5): AccountState {
	const ids = Array.from({ length: users }, (_, i) => 7 + i);
	const balance = (accountId: number, available: bigint, held = 0n) => ({
		...{ accountId, assetId: USDT, available, held },
	});
	return loadedState({
		balances: [
			balance(EXTERNAL_ACCOUNT, 100_000n * BigInt(users)),
			...ids.map((userId) => balance(userId, 90_000n, 10_000n)),
		],
		openOrders: ids.map((userId, i) => openOrder(1 + i, { userId })),
	});
}

/** Goes round until `rounds` more are done; gives what was found. */
function round(auditor: Auditor, rounds = 1): readonly string[] {
	const until = auditor.rounds + rounds;
	const found: string[] = [];
	while (auditor.rounds < until) found.push(...auditor.look().map(({ fault }) => fault));
	return found;
}

test("a round is as many looks as there are rows in it; where all adds up, nothing is found", () => {
	const auditor = new Auditor(soundState(5), 4);
	let looks = 0;
	for (; auditor.rounds < 1; looks += 1) expect(auditor.look()).toEqual([]);
	// 6 balances and 5 orders, at least 4 at a time.
	expect([looks, auditor.rounds]).toEqual([3, 1]);
	expect(auditor.withdrawalsStopped).toBe(false);
	expect(round(new Auditor(loadedState(), 4), 3)).toEqual([]);
});

describe("what is wrong is found within a round, and stops withdrawals", () => {
	test("a unit that nobody brought in", () => {
		const state = soundState();
		const auditor = new Auditor(state, 2);
		auditor.look();
		auditor.look();
		// Behind the auditor's back: it was there already.
		state.balances.of(7, USDT).available += 1n;
		round(auditor);
		expect(round(auditor)).toEqual(["asset 2: 500001 inside, 500000 owed"]);
		expect(auditor.withdrawalsStopped).toBe(true);
		expect(auditor.findings()).toEqual([
			{
				invariant: 1,
				says: "users + fees + clearing = deposits - withdrawals",
				fault: "asset 2: 500001 inside, 500000 owed",
			},
		]);
	});

	test("a hold that no order asks for", () => {
		const state = soundState();
		state.balances.hold(state.balances.of(9, USDT), 5n);
		expect(round(new Auditor(state, 2))).toEqual(["account 9, asset 2: 10005, not 10000"]);
	});

	test("a user who owes", () => {
		const state = soundState();
		state.balances.of(8, USDT).available = -1n;
		state.balances.of(9, USDT).available += 90_001n;
		expect(round(new Auditor(state, 100))).toEqual(["account 8, asset 2: -1 and 10000"]);
	});

	test("an order that holds something after its end, and one that traded more than it is", () => {
		const state = soundState();
		for (const [orderId, changes] of [
			[502, { status: OrderStatus.Filled }],
			[503, { cumQtyLots: 11, heldAmount: 0n }],
		] as const) {
			const order = state.orders.find(1, orderId)!;
			order.state = { ...order.state, ...changes };
		}
		expect(round(new Auditor(state, 100))).toEqual([
			"account 8, asset 2: 10000, not 0",
			"account 9, asset 2: 10000, not 0",
			"user 9, symbol 1, order 503: 11 + 0 of 10",
			"user 8, symbol 1, order 502: finished, and holds 10000",
		]);
	});
});

test("money that moves while it is counted is counted once, wherever it goes", () => {
	const account = fc.integer({ min: 5, max: 14 });
	const move = fc.record({
		from: account,
		to: fc.oneof(account, fc.constant(FEE_ACCOUNT)),
		assetId: fc.integer({ min: 1, max: 3 }),
		amount: fc.bigInt({ min: 0n, max: 1_000n }),
		isLook: fc.boolean(),
		comesIn: fc.boolean(),
	});
	fc.assert(
		fc.property(
			fc.array(move, { maxLength: 60 }),
			fc.integer({ min: 1, max: 5 }),
			(moves, rows) => {
				const state = soundState();
				const { balances } = state;
				const auditor = new Auditor(state, rows);
				for (const { from, to, assetId, amount, isLook, comesIn } of moves) {
					const payer = balances.of(comesIn ? EXTERNAL_ACCOUNT : from, assetId);
					if (comesIn) balances.credit(payer, amount);
					else if (payer.available >= amount) {
						balances.hold(payer, amount);
						balances.spendHeld(payer, amount);
					} else continue;
					balances.credit(balances.of(to, assetId), amount);
					if (isLook) expect(auditor.look()).toEqual([]);
				}
				expect(round(auditor, 2)).toEqual([]);
			},
		),
	);
});

test("who trades without a pause keeps nobody from the others", () => {
	const state = soundState(2);
	const late = state.orders.find(1, 502)!;
	late.state = { ...late.state, cumQtyLots: 11 };
	const auditor = new Auditor(state, 1);
	const found: string[] = [];
	for (let seq = 100; seq < 104; seq += 1) {
		found.push(...auditor.look().map(({ fault }) => fault));
		state.orders.load(openOrder(seq, { orderId: seq, userId: 7 }));
	}
	expect(found).toContain("user 8, symbol 1, order 502: 11 + 0 of 10");
});

describe("let pass", () => {
	test("the same is not found again, also while the sums move; by another amount it is", () => {
		const state = soundState();
		const user = state.balances.of(7, USDT);
		const outside = state.balances.of(EXTERNAL_ACCOUNT, USDT);
		user.available += 1n;
		const auditor = new Auditor(state, 3);
		expect(round(auditor)).toHaveLength(1);
		expect(round(auditor, 2)).toEqual([]);
		auditor.resume(auditor.findings().map(lineOf));
		expect([auditor.withdrawalsStopped, auditor.findings()]).toEqual([false, []]);
		state.balances.credit(user, 50n);
		state.balances.credit(outside, 50n);
		expect(round(auditor, 2)).toEqual([]);
		expect(auditor.withdrawalsStopped).toBe(false);
		user.available += 1n;
		expect(round(auditor, 2)).toEqual(["asset 2: 500052 inside, 500050 owed"]);
		expect(auditor.withdrawalsStopped).toBe(true);
	});

	test("where everything is wrong, a hundred faults are told, and those that are left stop it again", () => {
		const state = soundState(150);
		for (let userId = 7; userId < 157; userId += 1) {
			state.balances.hold(state.balances.of(userId, USDT), 1n);
		}
		const auditor = new Auditor(state, 1_000);
		expect(round(auditor)).toHaveLength(100);
		expect(round(auditor)).toEqual([]);
		auditor.resume(auditor.findings().map(lineOf));
		expect(round(auditor)).toHaveLength(50);
	});
});
