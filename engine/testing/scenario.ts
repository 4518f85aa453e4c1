import { type Command, CommandKind } from "../../schemas/command.ts";
import { decodeEvents, EventBuffer } from "../../schemas/event-words.ts";
import type { BookKind } from "../book.ts";
import { Engine } from "../engine.ts";
import { BTCUSDT, ETHUSDT } from "./commands.ts";
import { commandLine, drawBook, eventLine } from "./render.ts";

/** A few commands that show one thing. */
export interface Scenario {
	readonly name: string;
	readonly commands: readonly Command[];
	/** Begins without markets. */
	readonly fresh?: boolean;
}

/** An engine with the two test markets. */
export function tradingEngine(book: BookKind): Engine {
	const engine = new Engine({ partition: 0, book });
	const out = new EventBuffer();
	for (const symbol of [BTCUSDT, ETHUSDT]) {
		engine.apply({ kind: CommandKind.AddSymbol, symbol }, 0, out);
	}
	return engine;
}

/** What an engine answers to a command, as objects. */
export function applied(engine: Engine, command: Command) {
	const out = new EventBuffer();
	engine.apply(command, 0, out);
	return decodeEvents(out.words, 0, out.length);
}

/** A scenario as text: each command, its events, and the book after it. */
export function play(scenario: Scenario, book: BookKind): string {
	const engine = scenario.fresh ? new Engine({ partition: 0, book }) : tradingEngine(book);
	const lines = [`== ${scenario.name}`];
	for (const command of scenario.commands) {
		lines.push(`> ${commandLine(command)}`);
		for (const event of applied(engine, command)) lines.push(`  ${eventLine(event)}`);
		lines.push(...drawBook(engine, BTCUSDT.symbolId));
	}
	return `${lines.join("\n")}\n`;
}
