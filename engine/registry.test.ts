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
	});

	const odd: [string, Partial<AssetSpec>][] = [
		["no name", { asset: "" }],
		["an id below", { assetId: -1 }],
		["half an id", { assetId: 9.5 }],
		["an id beyond 32 bits", { assetId: 2 ** 32 }],
		["nine decimals", { decimals: 9 }],
		["decimals below", { decimals: -1 }],
		["half a decimal", { decimals: 0.5 }],
	];
	test.each(odd)("refused: %s", (_, changes) => {
		const asset = { ...BNB, ...changes };
		expect(applied(tradingEngine("fast"), { kind: AddAsset, asset })).toEqual([refused]);
	});

	const edges: [string, Partial<AssetSpec>][] = [
		["the least of everything", { assetId: 0, asset: "B", decimals: 0 }],
		["the most of everything", { assetId: 2 ** 32 - 1, decimals: 8 }],
	];
	test.each(edges)("added: %s", (_, changes) => {
		const asset = { ...BNB, ...changes };
		const added = { kind: EventKind.AssetAdded, assetId: asset.assetId } as const;
		expect(applied(tradingEngine("fast"), { kind: AddAsset, asset })).toEqual([added]);
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
		["no quantity at all", { maxQtyLots: 0 }],
		["a price with a fraction", { maxPriceTicks: 1.5 }],
		["a quantity with a fraction", { maxQtyLots: 1.5 }],
		["nine decimals of the base", { base: { ...BTCUSDT.base, decimals: 9 } }],
		["nine decimals of the quote", { quote: { ...BTCUSDT.quote, decimals: 9 } }],
		["a tick-lot of nothing", { tickSize: "0", quoteUnitsPerTickLot: 0 }],
		["a lot of nothing", { lotSize: "0", baseUnitsPerLot: 0, quoteUnitsPerTickLot: 0 }],
		["no number as lot size", { lotSize: "one" }],
		["no name", { symbol: "" }],
		["an id below", { symbolId: -1 }],
		["an id beyond 32 bits", { symbolId: 2 ** 32 }],
		["a partition below", { partition: -1 }],
		["a partition beyond 32 bits", { partition: 2 ** 32 }],
		["a base without an id", { base: { ...BTCUSDT.base, assetId: -1 } }],
		["a quote without an id", { quote: { ...BTCUSDT.quote, assetId: -1 } }],
		["a step below nothing", { filters: { ...BTCUSDT.filters, stepLots: -1 } }],
		["a tick step below nothing", { filters: { ...BTCUSDT.filters, tickTicks: -1 } }],
		["half a step", { filters: { ...BTCUSDT.filters, stepLots: 0.5 } }],
		["half a tick step", { filters: { ...BTCUSDT.filters, tickTicks: 0.5 } }],
		["a state below", { state: -1 as 0 }],
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

	const edges: [string, Partial<SymbolSpec>][] = [
		["one price and one lot", { maxPriceTicks: 1, maxQtyLots: 1 }],
		["no steps asked for", { filters: { ...BTCUSDT.filters, tickTicks: 0, stepLots: 0 } }],
		["the last of the states", { state: 3 }],
		["the first id", { symbolId: 0, symbol: "S" }],
		["the last id", { symbolId: 2 ** 32 - 1 }],
		["the last partition", { partition: 2 ** 32 - 1 }],
		[
			"a tick-lot and a lot of one unit, without decimals",
			{
				...{ tickSize: "1", lotSize: "1", quoteUnitsPerTickLot: 1, baseUnitsPerLot: 1 },
				base: { ...BTCUSDT.base, decimals: 0, assetId: 0 },
				quote: { ...BTCUSDT.quote, decimals: 0, assetId: 2 ** 32 - 1 },
			},
		],
	];
	test.each(edges)("added: %s", (_, changes) => {
		const [event] = applied(tradingEngine("fast"), symbol(changes));
		const symbolId = changes.symbolId ?? 5;
		expect(event).toEqual({ kind: EventKind.SymbolAdded, symbolId });
	});

	test("what changes of one that nobody knows is refused by its name", () => {
		const engine = tradingEngine("fast");
		const unknown = { kind: EventKind.CommandRejected, reason: Rejection.UnknownSymbol } as const;
		const changed = { ...BTCUSDT, symbolId: 77 };
		expect(applied(engine, { kind: SetSymbolRules, symbol: changed })).toEqual([unknown]);
		expect(applied(engine, { kind: SetSymbolState, symbolId: 77, state: 0 })).toEqual([unknown]);
	});

	test("of a large id trades like any other, and its rules are its own", () => {
		const engine = tradingEngine("fast");
		for (const symbolId of [4_095, 4_096, 70_000]) {
			applied(engine, symbol({ symbolId, symbol: `S${symbolId}` }));
			const placed = applied(engine, buy(1, 1, 100, { symbolId }));
			expect(placed.at(-1)).toMatchObject({ kind: EventKind.OrderAccepted, symbolId });
			expect(engine.depth(symbolId).bids).toEqual([[100, 1]]);
			applied(engine, { kind: SetSymbolState, symbolId, state: 1 });
		}
		expect(applied(engine, buy(1, 1, 100)).at(-1)?.kind).toBe(EventKind.OrderAccepted);
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
			{ baseUnitsPerLot: 999 },
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

test("of a symbol that nobody knows there is nothing to see", () => {
	const engine = tradingEngine("fast");
	for (const symbolId of [77, 70_000]) {
		expect([engine.bestBid(symbolId), engine.bestAsk(symbolId)]).toEqual([0, 0]);
		expect(engine.lastPrice(symbolId)).toBe(0);
		expect(engine.depth(symbolId)).toEqual({ bids: [], asks: [] });
	}
});
