import { expect, test } from "bun:test";
import { type Command, CommandKind } from "./command.ts";
import { EventKind } from "./event.ts";
import { SymbolState } from "./order.ts";
import { Rejection } from "./rejection.ts";
import { btc, btcUsdt, eth, ethBtc, testVenue } from "./testing/symbols.ts";
import { VenueConfig } from "./venue-config.ts";

test("it is what the accepted commands say", () => {
	const config = new VenueConfig();
	expect(config.apply({ kind: CommandKind.AddAsset, asset: btc })).toBe(true);
	expect(config.apply({ kind: CommandKind.AddSymbol, symbol: btcUsdt })).toBe(true);
	expect(config.asset("BTC")).toEqual(btc);
	expect(config.assetById(btc.assetId)).toEqual(btc);
	expect(config.symbol("BTCUSDT")).toEqual(btcUsdt);
	expect(config.symbolById(btcUsdt.symbolId)).toEqual(btcUsdt);
	expect(config.asset("ETH")).toBeUndefined();
	expect(config.symbolById(99)).toBeUndefined();
});

test("a state and new rules change a symbol under both its names", () => {
	const config = testVenue();
	const halt = { kind: CommandKind.SetSymbolState, symbolId: 1, state: SymbolState.Halt } as const;
	expect(config.apply(halt)).toBe(true);
	expect(config.symbolById(1)).toEqual({ ...btcUsdt, state: SymbolState.Halt });
	expect(config.symbol("BTCUSDT")).toEqual({ ...btcUsdt, state: SymbolState.Halt });
	const rules = { ...btcUsdt, state: SymbolState.Halt, takerFeePpm: 3 };
	expect(config.apply({ kind: CommandKind.SetSymbolRules, symbol: rules })).toBe(true);
	expect(config.symbol("BTCUSDT")?.takerFeePpm).toBe(3);
	expect(config.symbols().length).toBe(2);
	expect(config.symbol("ETHBTC")).toEqual(ethBtc);
});

test("it follows the log's events: what is refused changes nothing, and a symbol may halt by itself", () => {
	const config = new VenueConfig();
	const add = { kind: CommandKind.AddSymbol, symbol: btcUsdt } as const;
	const reason = Rejection.InvalidCommand;
	expect(config.hear({ kind: EventKind.CommandRejected, reason }, add)).toBe(false);
	expect(config.symbols()).toEqual([]);
	expect(config.hear({ kind: EventKind.SymbolAdded, symbolId: 1 }, add)).toBe(true);
	expect(config.symbols()).toEqual([btcUsdt]);
	const state = SymbolState.Halt;
	expect(config.hear({ kind: EventKind.SymbolStateSet, symbolId: 1, state }, null)).toBe(true);
	expect(config.symbols()).toEqual([{ ...btcUsdt, state }]);
});

test.each<Command>([
	{ kind: CommandKind.SetSymbolState, symbolId: 99, state: SymbolState.Halt },
	{ kind: CommandKind.Tick },
	{ kind: CommandKind.Deposit, userId: 1, assetId: 1, amount: 1n, externalId: "x" },
])("%p changes nothing and says so", (command) => {
	const config = testVenue();
	const before = config.state();
	expect(config.apply(command)).toBe(false);
	expect(config.state()).toEqual(before);
});

test("from its state it is the same again; applying twice is applying once", () => {
	const config = testVenue();
	const again = new VenueConfig(config.state());
	again.apply({ kind: CommandKind.AddAsset, asset: eth });
	again.apply({ kind: CommandKind.AddSymbol, symbol: ethBtc });
	expect(again.state()).toEqual(config.state());
	expect(again.symbols().map((symbol) => symbol.symbol)).toEqual(["BTCUSDT", "ETHBTC"]);
});
