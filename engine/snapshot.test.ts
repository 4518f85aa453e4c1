import { expect, test } from "bun:test";
import { CommandKind } from "../schemas/command.ts";
import { EventBuffer } from "../schemas/event-words.ts";
import { InvariantViolation } from "../schemas/invariant.ts";
import { OrderType, StpMode } from "../schemas/order.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { Engine } from "./engine.ts";
import { buy, sell } from "./testing/commands.ts";
import { applied, tradingEngine } from "./testing/scenario.ts";

/** An engine with something of everything that a snapshot has. */
function busyEngine() {
	const engine = tradingEngine("fast");
	applied(engine, {
		kind: CommandKind.AddAsset,
		asset: { assetId: 9, asset: "Ω", name: "", decimals: 2 },
	});
	for (const command of [
		sell(1, 9, 100, { displayLots: 4, stpMode: StpMode.Transfer }),
		buy(2, 3, 100),
		buy(2, 5, 99, { symbolId: 2, makerFeePpm: 1_000_000 }),
		sell(2, 5, 0, { type: OrderType.StopLoss, stopPriceTicks: 90 }),
	]) {
		applied(engine, command);
	}
	return engine;
}

test("a snapshot names its version, and any other is refused", () => {
	const bytes = busyEngine().snapshot();
	for (const version of ["2", "0", "x", " "]) {
		bytes["castle-engine 1".length] = version.charCodeAt(0);
		expect(() => Engine.restore(bytes, "fast")).toThrow(RangeError);
	}
	bytes["castle-engine 1".length] = "1".charCodeAt(0);
	expect(Engine.restore(bytes, "fast").version).toBe(1);
});

test("a snapshot that ends early, anywhere, or goes on is refused", () => {
	const bytes = busyEngine().snapshot();
	for (let length = 0; length < bytes.length; length += 1) {
		expect(() => Engine.restore(bytes.subarray(0, length), "fast")).toThrow(RangeError);
	}
	expect(() => Engine.restore(new Uint8Array([...bytes, 0]), "fast")).toThrow(RangeError);
	expect(Engine.restore(bytes, "naive").snapshot()).toEqual(bytes);
});

test("a frozen state is written in pieces of so many orders", () => {
	const engine = tradingEngine("fast");
	for (let i = 0; i < 5; i += 1) applied(engine, buy(1, 1, 100));
	const count = (ordersInPiece?: number) => [...engine.freeze().pieces(ordersInPiece)].length;
	expect([1, 2, 4, 5].map((ordersInPiece) => count(ordersInPiece) - count())).toEqual([4, 2, 1, 0]);
});

test("the state hash tells states apart that differ in one order's place", () => {
	const hashes = [
		[buy(1, 1, 100), buy(2, 1, 100)],
		[buy(2, 1, 100), buy(1, 1, 100)],
		[buy(1, 1, 100), buy(2, 2, 100)],
	].map((commands) => {
		const engine = tradingEngine("fast");
		for (const command of commands) applied(engine, command);
		return engine.stateHash();
	});
	expect(new Set(hashes).size).toBe(3);
});

test("time goes on with the snapshot and never back", () => {
	const engine = tradingEngine("fast");
	const out = new EventBuffer();
	engine.apply({ kind: CommandKind.Tick }, 1_000, out);
	const restored = Engine.restore(engine.snapshot(), "fast");
	expect(() => restored.apply({ kind: CommandKind.Tick }, 999, out)).toThrow(InvariantViolation);
	restored.apply({ kind: CommandKind.Tick }, 1_000, out);
});

test("numbers and texts come back as they were written", () => {
	const numbers = [0, 1, 127, 128, 2 ** 32 - 1, 2 ** 32, 2 ** 49, Number.MAX_SAFE_INTEGER];
	const texts = ["", "BTCUSDT", "é Ω 😀", "x".repeat(9_000)];
	const to = new ByteWriter();
	for (const n of numbers) to.number(n);
	for (const text of texts) to.text(text);
	const from = new ByteReader(to.take());
	expect(numbers.map(() => from.number())).toEqual(numbers);
	expect(texts.map(() => from.text())).toEqual(texts);
	expect(from.done).toBe(true);
	for (const n of [-1, 0.5, Number.NaN, 2 ** 53]) {
		expect(() => to.number(n)).toThrow(InvariantViolation);
	}
});

test("a number beyond all whole numbers is no state", () => {
	const sevens = (last: number) => new ByteReader(Uint8Array.from([...Array(7).fill(255), last]));
	expect(sevens(15).number()).toBe(Number.MAX_SAFE_INTEGER);
	expect(() => sevens(16).number()).toThrow(RangeError);
});
