import { expect, test } from "bun:test";
import { CommandKind } from "../../schemas/command.ts";
import { EventKind, type LevelChanged, type Traded } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { OrderType, Side, SymbolState } from "../../schemas/order.ts";
import { MarketView } from "./market.ts";
import { openOrder } from "./testing/state.ts";
import { BTC, BTCUSDT, USDT } from "./testing/symbols.ts";

function market(): MarketView {
	return new MarketView({ assets: [BTC, USDT], symbols: [BTCUSDT] });
}

const level = (side: Side, priceTicks: number, qtyLots: number): LevelChanged => ({
	...{ kind: EventKind.LevelChanged, symbolId: 1, side, priceTicks, qtyLots, updateId: 1 },
});

const trade = (tradeId: number, priceTicks: number, symbolId = 1): Traded => ({
	...{ kind: EventKind.Traded, symbolId, tradeId, makerOrderId: 1, takerOrderId: 2 },
	...{ makerUserId: 1, takerUserId: 2, takerSide: 0, priceTicks, qtyLots: 1 },
	...{ makerFeePpm: 0, takerFeePpm: 0, makerLeavesLots: 0 },
});

test("reference prices: the best of each side, and the last trade's; 0 where there is none", () => {
	const view = market();
	expect(view.reference(1)).toEqual({ bidTicks: 0, askTicks: 0, lastTicks: 0 });
	for (const [side, price] of [
		[Side.Buy, 90],
		[Side.Buy, 95],
		[Side.Sell, 110],
		[Side.Sell, 105],
	] as const) {
		view.levelChanged(level(side, price, 3));
	}
	view.traded(trade(1, 100));
	view.traded(trade(2, 101));
	expect(view.reference(1)).toEqual({ bidTicks: 95, askTicks: 105, lastTicks: 101 });
	view.levelChanged(level(Side.Buy, 95, 0));
	expect(view.reference(1).bidTicks).toBe(90);
	expect(view.reference(2)).toEqual({ bidTicks: 0, askTicks: 0, lastTicks: 0 });
});

test("the trades of a symbol are gapless from the first that is seen", () => {
	const view = market();
	view.traded(trade(40, 100));
	view.traded(trade(41, 100));
	view.traded(trade(7, 100, 2));
	expect(() => view.traded(trade(41, 100))).toThrow(InvariantViolation);
	expect(() => view.traded(trade(43, 100))).toThrow(InvariantViolation);
});

test("after a start an own resting order stands for its level; what does not rest does not", () => {
	const view = market();
	view.seed(openOrder(1, { priceTicks: 90, qtyLots: 5, cumQtyLots: 2, workingAtMs: 1 }));
	const waiting = { type: OrderType.StopLossLimit, priceTicks: 99, workingAtMs: 0 };
	view.seed(openOrder(2, waiting));
	view.seed(openOrder(3, { type: OrderType.StopLoss, priceTicks: 98, workingAtMs: 5 }));
	expect(view.reference(1).bidTicks).toBe(90);
	view.seed(openOrder(2, { ...waiting, workingAtMs: 5 }));
	expect(view.reference(1).bidTicks).toBe(99);
});

test("prices from the ledger stand until their levels change, and trade ids go on from there", () => {
	const view = market();
	const row = { symbolId: 1, bidTicks: 95, askTicks: 105, lastTicks: 101, lastTradeId: 40 };
	view.seed(openOrder(1, { priceTicks: 90, workingAtMs: 1 }));
	view.load(row);
	expect(view.reference(1)).toEqual({ bidTicks: 95, askTicks: 105, lastTicks: 101 });
	expect(view.takePrices()).toEqual([]);
	view.levelChanged(level(Side.Buy, 95, 7));
	view.levelChanged(level(Side.Sell, 105, 0));
	expect(view.reference(1)).toEqual({ bidTicks: 95, askTicks: 0, lastTicks: 101 });
	view.levelChanged(level(Side.Buy, 95, 0));
	expect(view.reference(1).bidTicks).toBe(90);
	expect(() => view.traded(trade(42, 100))).toThrow(InvariantViolation);
	view.traded(trade(41, 100));
	expect(view.takePrices()).toEqual([
		{ ...row, bidTicks: 90, askTicks: 0, lastTicks: 100, lastTradeId: 41 },
	]);
});

test("a row without prices is no level", () => {
	const view = market();
	view.load({ symbolId: 1, bidTicks: 0, askTicks: 0, lastTicks: 0, lastTradeId: 0 });
	view.levelChanged(level(Side.Buy, 1, 2));
	view.levelChanged(level(Side.Buy, 1, 0));
	view.traded(trade(1, 100));
	expect(view.reference(1)).toEqual({ bidTicks: 0, askTicks: 0, lastTicks: 100 });
	view.levelChanged(level(Side.Sell, 110, 2));
	expect(view.reference(1).askTicks).toBe(110);
});

test("a symbol whose only level went again is nothing for the ledger", () => {
	const view = market();
	view.levelChanged(level(Side.Sell, 110, 2));
	view.levelChanged(level(Side.Sell, 110, 0));
	expect(view.takePrices()).toEqual([]);
});

test("the prices that differ from the last copy go to the ledger, and make nothing dirty", () => {
	const view = market();
	expect(view.takePrices()).toEqual([]);
	view.levelChanged(level(Side.Buy, 90, 3));
	view.levelChanged(level(Side.Sell, 110, 3));
	view.traded({ ...trade(7, 50), symbolId: 2 });
	const first = { symbolId: 1, bidTicks: 90, askTicks: 110, lastTicks: 0, lastTradeId: 0 };
	const second = { symbolId: 2, bidTicks: 0, askTicks: 0, lastTicks: 50, lastTradeId: 7 };
	expect(view.isDirty()).toBe(false);
	expect(view.takePrices()).toEqual([first, second]);
	expect(view.takePrices()).toEqual([]);
	// Behind the best nothing is written, nor when it is the best again.
	view.levelChanged(level(Side.Buy, 89, 3));
	view.levelChanged(level(Side.Buy, 91, 3));
	view.levelChanged(level(Side.Buy, 91, 0));
	expect(view.takePrices()).toEqual([]);
	const next: [LevelChanged | Traded, Partial<typeof first>][] = [
		[level(Side.Buy, 91, 3), { bidTicks: 91 }],
		[level(Side.Sell, 110, 0), { askTicks: 0 }],
		[trade(1, 100), { lastTicks: 100, lastTradeId: 1 }],
		[trade(2, 100), { lastTradeId: 2 }],
		[trade(3, 99), { lastTicks: 99, lastTradeId: 3 }],
	];
	let row = first;
	for (const [event, changes] of next) {
		if (event.kind === EventKind.LevelChanged) view.levelChanged(event);
		else view.traded(event);
		row = { ...row, ...changes };
		expect(view.takePrices()).toEqual([row]);
	}
});

test("a log that goes on from a lost one: no level, the last price, ids from there", () => {
	const view = market();
	view.load({ symbolId: 1, bidTicks: 95, askTicks: 105, lastTicks: 101, lastTradeId: 40 });
	view.seed(openOrder(1, { priceTicks: 90, workingAtMs: 1 }));
	const resumed = { symbolId: 1, lastId: 5_000, lastTicks: 99 };
	view.resumed({ kind: EventKind.MarketResumed, ...resumed });
	expect(view.reference(1)).toEqual({ bidTicks: 0, askTicks: 0, lastTicks: 99 });
	view.levelChanged(level(Side.Buy, 90, 3));
	view.traded(trade(5_001, 100));
	expect(view.takePrices()).toEqual([
		{ symbolId: 1, bidTicks: 90, askTicks: 0, lastTicks: 100, lastTradeId: 5_001 },
	]);
});

test("the configuration goes to the ledger when it has changed, once", () => {
	const view = market();
	expect([view.isDirty(), view.takeConfig()]).toEqual([false, null]);
	view.configure({ kind: EventKind.Ticked }, { kind: CommandKind.Tick });
	expect(view.isDirty()).toBe(false);
	const state = SymbolState.Halt;
	view.configure({ kind: EventKind.SymbolStateSet, symbolId: 1, state }, null);
	expect(view.isDirty()).toBe(true);
	expect(view.takeConfig()).toEqual({ assets: [BTC, USDT], symbols: [{ ...BTCUSDT, state }] });
	expect([view.isDirty(), view.takeConfig()]).toEqual([false, null]);
	expect(view.symbol(1)?.state).toBe(state);
	expect(view.symbol(2)).toBeUndefined();
	expect([view.hasAsset(1), view.hasAsset(3)]).toEqual([true, false]);
	expect(() => view.symbolOfEvent(2)).toThrow(InvariantViolation);
});
