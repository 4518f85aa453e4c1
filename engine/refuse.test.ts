import { expect, test } from "bun:test";
import { type Command, CommandKind } from "../schemas/command.ts";
import { EventKind } from "../schemas/event.ts";
import { decodeEvents, EventBuffer } from "../schemas/event-words.ts";
import { SymbolState } from "../schemas/order.ts";
import { Rejection } from "../schemas/rejection.ts";
import { ANSWER_KINDS } from "../schemas/testing/answer-kinds.ts";
import { Engine } from "./engine.ts";
import { amend, buy, cancel, cancelAll, replace, sell } from "./testing/commands.ts";
import { applied, tradingEngine } from "./testing/scenario.ts";

/** What an engine with an order in each market says to a command that it has to refuse. */
function refused(engine: Engine, command: Command, ts = 0) {
	const out = new EventBuffer();
	out.push({ kind: EventKind.Ticked });
	const halted = engine.refuse(command, ts, out);
	return { halted, events: decodeEvents(out.words, 0, out.length) };
}

function engineWithOrders(): Engine {
	const engine = tradingEngine("fast");
	applied(engine, sell(1, 5, 100));
	applied(engine, { ...sell(1, 5, 100), symbolId: 2 });
	return engine;
}

const reason = Rejection.EngineFault;

test.each<[string, Command]>([
	["PlaceOrder", buy(2, 1, 100)],
	["CancelOrder", cancel(1, 1)],
	["CancelReplace", replace(1, buy(1, 1, 90))],
	["AmendOrder", amend(1, 1, 3)],
	["CancelAllOrders", cancelAll(1)],
])("%s is answered in its own kind, its symbol halts, and its orders stay", (_, command) => {
	const engine = engineWithOrders();
	const open = [...engine.openOrders()];
	const { halted, events } = refused(engine, command);
	expect(halted).toBe(1);
	expect(events.length).toBe(1);
	expect(ANSWER_KINDS[command.kind]).toContain(events[0]?.kind as EventKind);
	expect(JSON.stringify(events)).toContain(`${reason}`);
	expect([...engine.openOrders()]).toEqual(open);
	const closed = { kind: EventKind.OrderRejected, symbolId: 1, userId: 3 };
	expect(applied(engine, sell(3, 1, 200))).toEqual([{ ...closed, reason: Rejection.MarketClosed }]);
	expect(applied(engine, { ...buy(3, 5, 100), symbolId: 2 }).at(-1)?.kind).toBe(
		EventKind.OrderAccepted,
	);
	const state = SymbolState.Trading;
	applied(engine, { kind: CommandKind.SetSymbolState, symbolId: 1, state });
	expect(applied(engine, buy(3, 5, 100)).at(-1)?.kind).toBe(EventKind.OrderAccepted);
});

test("what is for no symbol of the partition halts none", () => {
	const engine = engineWithOrders();
	const money = { userId: 1, assetId: 2, amount: 1n, externalId: "x" };
	expect(refused(engine, { kind: CommandKind.Deposit, ...money })).toEqual({
		...{ halted: null, events: [{ kind: EventKind.CommandRejected, reason }] },
	});
	expect(refused(engine, { ...buy(2, 1, 100), symbolId: 9 })).toMatchObject({ halted: null });
	expect(applied(engine, buy(3, 5, 100)).at(-1)?.kind).toBe(EventKind.OrderAccepted);
});

test("a halt is part of the snapshot, and a refusal moves the time", () => {
	const engine = engineWithOrders();
	refused(engine, buy(2, 1, 100), 7);
	const again = Engine.restore(engine.snapshot(), "naive");
	expect(again.stateHash()).toBe(engine.stateHash());
	expect(applied.bind(null, again, buy(3, 5, 100))).toThrow("a partition's time never goes back");
});
