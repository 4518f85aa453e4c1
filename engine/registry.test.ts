import { describe, expect, test } from "bun:test";
import { type Command, CommandKind } from "../schemas/command.ts";
import { EventKind } from "../schemas/event.ts";
import { Rejection } from "../schemas/rejection.ts";
import type { AssetSpec, SymbolSpec } from "../schemas/symbol.ts";
import { Engine } from "./engine.ts";
import { BTCUSDT, buy } from "./testing/commands.ts";
import { applied, tradingEngine } from "./testing/scenario.ts";

const { AddAsset, AddSymbol, SetSymbolRules, SetSymbolState } = CommandKind;
const refused = { kind: EventKind.CommandRejected, reason: Rejection.InvalidCommand } as const;
const BNB: AssetSpec = { assetId: 9, asset: "BNB", name: "BNB", decimals: 8 };

function symbol(changes: Partial<SymbolSpec>): Command {
	return { kind: AddSymbol, symbol: { ...BTCUSDT, symbolId: 5, symbol: "NEW", ...changes } };
}

describe("assets", () => {
	test("are added once, by id and by name", () => {
		const engine = tradingEngine("fast");
		const add = (asset: AssetSpec) => applied(engine, { kind: AddAsset, asset });
		expect(add(BNB)).toEqual([{ kind: EventKind.AssetAdded, assetId: 9 }]);
		expect(add({ ...BNB, asset: "OTHER" })).toEqual([refused]);
		expect(add({ ...BNB, assetId: 10 })).toEqual([refused]);
		expect(add({ ...BNB, assetId: 10, asset: "FINE", decimals: 9 })).toEqual([refused]);
	});
});

describe("symbols", () => {
	const bad: [string, Partial<SymbolSpec>][] = [
		["an id that exists", { symbolId: 1 }],
		["a name that exists", { symbol: "BTCUSDT" }],
		["a tick-lot that is not what tick and lot say", { quoteUnitsPerTickLot: 11 }],
		["a lot that is not what the lot size says", { baseUnitsPerLot: 999 }],
		["a tick-lot below the smallest unit", { tickSize: "0.0001", quoteUnitsPerTickLot: 0 }],
		["a tick-lot with a fraction", { tickSize: "0.0015", quoteUnitsPerTickLot: 1 }],
		["a lot below the smallest unit", { lotSize: "0.000000001", baseUnitsPerLot: 0 }],
		["no number as tick size", { tickSize: "1e-2" }],
		["products from 2^53 on", { maxPriceTicks: 2 ** 27, maxQtyLots: 2 ** 26 }],
		["no price at all", { maxPriceTicks: 0 }],
		["a quantity with a fraction", { maxQtyLots: 1.5 }],
		["base and quote alike", { quote: BTCUSDT.base }],
		["an unknown state", { state: 4 as 0 }],
	];
	for (const [name, changes] of bad) {
		test(`refused: ${name}`, () => {
			expect(applied(tradingEngine("fast"), symbol(changes))).toEqual([refused]);
		});
	}

	test("products just below 2^53 are taken", () => {
		const changes = { maxPriceTicks: 2 ** 27, maxQtyLots: 2 ** 26 - 1 };
		const added = { kind: EventKind.SymbolAdded, symbolId: 5 } as const;
		expect(applied(tradingEngine("fast"), symbol(changes))).toEqual([added]);
	});

	test("another partition's symbol is known, and not traded here", () => {
		const engine = new Engine({ partition: 3, book: "fast" });
		expect(applied(engine, symbol({}))[0]?.kind).toBe(EventKind.SymbolAdded);
		expect(applied(engine, symbol({}))).toEqual([refused]);
		const { kind, ...rest } = buy(1, 1, 100, { symbolId: 5 });
		const reason = Rejection.UnknownSymbol;
		const rejected = { kind: EventKind.OrderRejected, symbolId: 5, userId: 1, reason } as const;
		expect(applied(engine, { kind, ...rest })).toEqual([rejected]);
	});

	test("their rules change, but what never changes", () => {
		const engine = tradingEngine("fast");
		const set = (changes: Partial<SymbolSpec>) =>
			applied(engine, { kind: SetSymbolRules, symbol: { ...BTCUSDT, ...changes } });
		const filters = { ...BTCUSDT.filters, tickTicks: 5 };
		expect(set({ filters, makerFeePpm: 7 })).toEqual([
			{ kind: EventKind.SymbolRulesSet, symbolId: 1 },
		]);
		for (const changes of [
			{ symbol: "OTHER" },
			{ partition: 1 },
			{ maxQtyLots: 5 },
			{ state: 1 as const },
			{ tickSize: "0.10", quoteUnitsPerTickLot: 100 },
			{ filters: { ...filters, stepLots: -1 } },
		]) {
			expect(set(changes)).toEqual([refused]);
		}
	});

	test("have no fifth state", () => {
		const engine = tradingEngine("fast");
		const state = 4 as 0;
		expect(applied(engine, { kind: SetSymbolState, symbolId: 1, state })).toEqual([refused]);
	});
});

test("a command of a kind that is not known yet is refused", () => {
	const command = { kind: 99 } as unknown as Command;
	expect(applied(tradingEngine("naive"), command)).toEqual([refused]);
});

test("what is only recorded is answered with its own event", () => {
	const engine = tradingEngine("fast");
	const money = { userId: 4, assetId: 2 };
	const funds = { ...money, amount: 5n, externalId: "x" };
	expect(applied(engine, { kind: CommandKind.Deposit, ...funds })).toEqual([
		{ kind: EventKind.Deposited, ...money },
	]);
	expect(applied(engine, { kind: CommandKind.Withdraw, ...funds })).toEqual([
		{ kind: EventKind.Withdrawn, ...money },
	]);
	expect(applied(engine, { kind: CommandKind.Beat })).toEqual([{ kind: EventKind.BeatSeen }]);
	expect(applied(engine, { kind: CommandKind.Tick })).toEqual([{ kind: EventKind.Ticked }]);
});
