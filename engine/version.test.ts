import { expect, test } from "bun:test";
import { CommandKind } from "../schemas/command.ts";
import { EventKind } from "../schemas/event.ts";
import { Rejection } from "../schemas/rejection.ts";
import { ENGINE_VERSION, Engine } from "./engine.ts";
import { EngineTooOld } from "./engine-too-old.ts";
import { applied } from "./testing/scenario.ts";

const setVersion = (version: number) => ({ kind: CommandKind.SetEngineVersion, version }) as const;
const isSet = (version: number) => ({ kind: EventKind.EngineVersionSet, version }) as const;
const refused = { kind: EventKind.CommandRejected, reason: Rejection.InvalidCommand } as const;

function engineThatKnows(newestVersion: number): Engine {
	return new Engine({ partition: 3, book: "fast", newestVersion });
}

test("a version is in force from its command on, and part of the state", () => {
	const engine = engineThatKnows(4);
	const before = engine.stateHash();
	expect(engine.version).toBe(1);
	expect(applied(engine, setVersion(2))).toEqual([isSet(2)]);
	expect(engine.version).toBe(2);
	expect(engine.stateHash()).not.toBe(before);
	expect(applied(engine, setVersion(4))).toEqual([isSet(4)]);
	const again = Engine.restore(engine.snapshot(), "naive", 4);
	expect([again.version, again.stateHash()]).toEqual([4, engine.stateHash()]);
	expect(() => Engine.restore(engine.snapshot(), "naive", 3)).toThrow("of another version");
});

test.each([2, 1, 0, -1, 2.5, Number.NaN, 2 ** 53])("%p after 2 is refused", (version) => {
	const engine = engineThatKnows(2);
	applied(engine, setVersion(2));
	expect(applied(engine, setVersion(version))).toEqual([refused]);
	expect(engine.version).toBe(2);
});

test("one that the program does not know is not taken, and says what to do", () => {
	const engine = new Engine({ partition: 3, book: "fast" });
	const before = engine.stateHash();
	const take = () => applied(engine, setVersion(ENGINE_VERSION + 1));
	expect(take).toThrow(EngineTooOld);
	expect(take).toThrow(
		`orders 3 goes on by version ${ENGINE_VERSION + 1} of the engine's rules, and this program knows up to ${ENGINE_VERSION}`,
	);
	// What ends a program tells a plain error by its words alone.
	expect(take).toThrow(expect.objectContaining({ name: "Error" }));
	expect(engine.stateHash()).toBe(before);
});

test("what a restored engine knows is what its program knows", () => {
	const engine = Engine.restore(engineThatKnows(1).snapshot(), "fast", 2);
	expect(applied(engine, setVersion(2))).toEqual([isSet(2)]);
	expect(() => applied(engine, setVersion(3))).toThrow(EngineTooOld);
});
