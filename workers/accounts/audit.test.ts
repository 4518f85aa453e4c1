import { describe, expect, test } from "bun:test";
import { OrderStatus, OrderType, Side } from "../../schemas/order.ts";
import type { Fill } from "../../schemas/order-state.ts";
import { clearingAccount, EXTERNAL_ACCOUNT, FEE_ACCOUNT } from "../../schemas/ports/ledger.ts";
import { audit, faultsOf } from "./audit.ts";
import type { AccountState } from "./state.ts";
import { loadedState, openOrder } from "./testing/state.ts";
import type { Tracked } from "./tracked.ts";

/*
 * User 7 has brought in 100,000 units of USDT (asset 2) and 50,000 of BTC (asset 1): 10,000 USDT are
 * held by order 501, 4,000 BTC by the sell 502, 2,000 BTC by a withdrawal on its way, 30 are fees.
 */
const USDT = 2;
const BTC = 1;

function soundState(accountShards = 1): AccountState {
	const balance = (accountId: number, assetId: number, available: bigint, held = 0n) => ({
		...{ accountId, assetId, available, held },
	});
	const sell = { side: Side.Sell, holdAssetId: BTC, heldAmount: 4_000n, qtyLots: 6, cumQtyLots: 2 };
	return loadedState(
		{
			balances: [
				balance(7, USDT, 89_970n, 10_000n),
				balance(7, BTC, 44_000n, 6_000n),
				balance(FEE_ACCOUNT, USDT, 30n),
				balance(clearingAccount(0), USDT, 0n),
				balance(EXTERNAL_ACCOUNT, USDT, 100_000n),
				balance(EXTERNAL_ACCOUNT, BTC, 50_000n),
			],
			openOrders: [openOrder(1), openOrder(2, sell)],
			externalIds: [
				{
					...{ userId: 7, externalId: "w", kind: "withdrawal", assetId: BTC, amount: 2_000n },
					...{ partition: 0, seq: 3, doneAtMs: 0 },
				},
				{
					...{ userId: 7, externalId: "d", kind: "deposit", assetId: BTC, amount: 77n },
					...{ partition: 0, seq: 4, doneAtMs: 0 },
				},
				{
					...{ userId: 7, externalId: "done", kind: "withdrawal", assetId: BTC, amount: 5n },
					...{ partition: 0, seq: 2, doneAtMs: 9 },
				},
			],
		},
		{ accountShards },
	);
}

const faults = (state: AccountState) => faultsOf(audit(state));

function orderOf(state: AccountState, orderId: number): Tracked {
	return state.orders.find(1, orderId) as Tracked;
}

test("a state in which all adds up has no faults, and says how much was looked at", () => {
	const state = soundState();
	const answer = audit(state);
	expect(faultsOf(answer)).toEqual([]);
	const checked = Object.fromEntries(answer.checks.map((c) => [c.invariant, c.checked]));
	expect(checked).toEqual({ 1: 2, 2: 6, 3: 6, 4: 2, 5: 2, 6: 0, 18: 0, 12: 1 });
	expect(answer.evSeqs).toEqual([0, 0]);
	expect(answer.clearing).toEqual([{ partition: 0, assetId: USDT, amount: 0n }]);
});

describe("money", () => {
	test("a unit too much inside, or too little", () => {
		const state = soundState();
		state.balances.of(FEE_ACCOUNT, USDT).available += 1n;
		expect(faults(state)).toEqual([
			"invariant 1 (users + fees + clearing = deposits - withdrawals): asset 2: 100001 inside, 100000 owed",
		]);
		state.balances.of(FEE_ACCOUNT, USDT).available -= 2n;
		expect(faults(state)[0]).toContain("asset 2: 99999 inside, 100000 owed");
	});

	test("an asset that is owed and not there at all", () => {
		const state = soundState();
		state.balances.of(EXTERNAL_ACCOUNT, 3).available = 5n;
		expect(faults(state)).toEqual([expect.stringContaining("asset 3: 0 inside, 5 owed")]);
	});

	test("what is held counts inside too", () => {
		const state = soundState();
		state.balances.of(7, USDT).held += 1n;
		expect(faults(state)).toEqual([
			expect.stringContaining("100001 inside, 100000 owed"),
			expect.stringContaining("invariant 3"),
		]);
	});

	test("a negative user", () => {
		const state = soundState();
		state.balances.of(7, USDT).available = -1n;
		state.balances.of(EXTERNAL_ACCOUNT, USDT).available = 10_029n;
		expect(faults(state)).toEqual([
			"invariant 2 (available and held are never negative): account 7, asset 2: -1 and 10000",
		]);
	});

	test("clearing that is not zero, with one shard; with more the others may owe it", () => {
		for (const partition of [0, 1]) {
			const lopsided = (state: AccountState) => {
				state.balances.of(clearingAccount(partition), USDT).available -= 5n;
				state.balances.of(FEE_ACCOUNT, USDT).available += 5n;
				return state;
			};
			expect(faults(lopsided(soundState()))).toEqual([
				`invariant 12 (clearing over all shards is zero): clearing ${-100 - partition}, asset 2: -5`,
			]);
			expect(faults(lopsided(soundState(2)))).toEqual([]);
		}
		const held = soundState();
		held.balances.of(clearingAccount(0), USDT).held = 5n;
		held.balances.of(EXTERNAL_ACCOUNT, USDT).available += 5n;
		expect(faults(held)).toContainEqual(expect.stringContaining("invariant 12"));
	});
});

describe("holds", () => {
	test("held that nothing asks for, and held that is missing", () => {
		const state = soundState();
		const balance = state.balances.of(7, USDT);
		state.balances.release(balance, 1n);
		expect(faults(state)).toEqual([
			"invariant 3 (held is what open orders and withdrawals hold): account 7, asset 2: 9999, not 10000",
		]);
		state.balances.hold(balance, 2n);
		expect(faults(state)).toEqual([expect.stringContaining("asset 2: 10001, not 10000")]);
	});

	test("an order that holds another amount than the table says", () => {
		const state = soundState();
		const order = orderOf(state, 501);
		order.state = { ...order.state, heldAmount: 9_999n };
		expect(faults(state)).toContainEqual(
			"invariant 4 (an order holds what is left of it): user 7, symbol 1, order 501: 9999, not 10000",
		);
	});

	test("what an order should hold: what is left of it, by its row of the table", () => {
		const rows = [
			{ side: Side.Buy, qtyLots: 10, cumQtyLots: 3, preventedLots: 2, wanted: 5_000n },
			{ side: Side.Sell, qtyLots: 10, cumQtyLots: 3, preventedLots: 2, wanted: 5_000n },
			{
				...{ side: Side.Buy, type: OrderType.StopLoss, capTickLots: 1_000 },
				...{ cumTickLots: 300, preventedTickLots: 50, wanted: 6_500n },
			},
		];
		for (const { wanted, ...changes } of rows) {
			const state = soundState();
			const order = orderOf(state, 501);
			for (const [heldAmount, isRight] of [
				[wanted, true],
				[wanted + 1n, false],
			] as const) {
				order.state = { ...order.state, ...changes, heldAmount };
				const wrong = faults(state).filter((fault) => fault.startsWith("invariant 4"));
				expect(wrong).toEqual(
					isRight ? [] : [expect.stringContaining(`order 501: ${wanted + 1n}, not ${wanted}`)],
				);
			}
		}
	});

	test("an unanswered order holds what its command was stamped with", () => {
		const state = soundState();
		state.orders.add(
			openOrder(9, { status: OrderStatus.Pending, heldAmount: 123n, orderId: 0, userId: 8 }),
		);
		state.balances.of(8, USDT).held = 123n;
		state.balances.of(EXTERNAL_ACCOUNT, USDT).available += 123n;
		expect(faults(state)).toEqual([]);
	});

	test("a finished order that holds something", () => {
		const state = soundState();
		const order = orderOf(state, 501);
		order.state = { ...order.state, status: OrderStatus.Filled };
		expect(faults(state)).toContainEqual(
			"invariant 6 (a finished order holds nothing): user 7, symbol 1, order 501: finished, and holds 10000",
		);
		order.state = { ...order.state, heldAmount: 0n };
		expect(faults(state).filter((fault) => fault.startsWith("invariant 6"))).toEqual([]);
		expect(audit(state).checks.find((check) => check.invariant === 6)?.checked).toBe(1);
	});
});

describe("quantities", () => {
	const wrong = (changes: object): string[] => {
		const state = soundState();
		const order = orderOf(state, 501);
		order.state = { ...order.state, ...changes };
		return faults(state).filter((fault) => fault.startsWith("invariant 5"));
	};

	test("no more is traded and prevented than the order's quantity", () => {
		expect(wrong({ qtyLots: 10, cumQtyLots: 7, preventedLots: 3 })).toEqual([]);
		expect(wrong({ qtyLots: 10, cumQtyLots: 7, preventedLots: 4 })).toEqual([
			"invariant 5 (quantities add up, spent is within budget): user 7, symbol 1, order 501: 7 + 4 of 10",
		]);
		// An order by quote amount has no quantity of its own.
		expect(wrong({ qtyLots: 0, cumQtyLots: 7 })).toEqual([]);
		expect(wrong({ qtyLots: 1, cumQtyLots: 2 })).toHaveLength(1);
	});

	test("no more is spent and prevented than the budget", () => {
		const budget = { capTickLots: 100, cumTickLots: 60 };
		expect(wrong({ ...budget, preventedTickLots: 40 })).toEqual([]);
		expect(wrong({ ...budget, preventedTickLots: 41 })).toEqual([
			expect.stringContaining("order 501: spent 60 of 100"),
		]);
		// Without a budget nothing binds.
		expect(wrong({ capTickLots: 0, cumTickLots: 60 })).toEqual([]);
		expect(wrong({ capTickLots: 1, cumTickLots: 2 })).toHaveLength(1);
	});
});

test("a fee is between nothing and what the fill received, in the asset it received", () => {
	const fill: Fill = {
		...{ partition: 0, symbolId: 1, tradeId: 4, orderId: 501, userId: 7, isMaker: true },
		...{ side: Side.Buy, priceTicks: 100, qtyLots: 3, feeAmount: 0n, feeAssetId: BTC },
		...{ ts: 0, evSeq: 1 },
	};
	const rows = [
		[Side.Buy, 0n, true],
		[Side.Buy, 3_000n, true],
		[Side.Buy, 3_001n, false],
		[Side.Buy, -1n, false],
		[Side.Sell, 2_000n, true],
		[Side.Sell, 2_001n, false],
	] as const;
	for (const [side, feeAmount, isRight] of rows) {
		const state = soundState();
		const priceTicks = side === Side.Buy ? 100 : 50;
		const qtyLots = side === Side.Buy ? 3 : 4;
		state.orders.addFill(orderOf(state, 501), { ...fill, side, feeAmount, priceTicks, qtyLots });
		expect(faults(state)).toEqual(
			isRight ? [] : [expect.stringContaining(`trade 4: a fee of ${feeAmount} on`)],
		);
		expect(audit(state).checks.find((check) => check.invariant === 18)?.checked).toBe(1);
	}
});
