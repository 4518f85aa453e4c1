import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Command } from "../schemas/command.ts";
import { decodeEvents, EventBuffer } from "../schemas/event-words.ts";
import { Engine } from "./engine.ts";
import { Auditor } from "./testing/auditor.ts";
import { type Wish, wishes } from "./testing/random-commands.ts";
import { commandLine } from "./testing/render.ts";
import { tradingEngine } from "./testing/scenario.ts";

const RUNS = { numRuns: Number(process.env["TWIN_RUNS"] ?? 150), includeErrorInReport: true };

/** Runs `step` for each wish's command; what fails comes with the commands that led there. */
function telling(
	run: readonly Wish[],
	engine: Engine,
	step: (command: Command, at: number) => void,
) {
	const lines: string[] = [];
	for (const [at, wish] of run.entries()) {
		const command = wish(engine);
		lines.push(commandLine(command));
		try {
			step(command, at);
		} catch (error) {
			throw new Error(`${error}\nafter:\n${lines.join("\n")}`);
		}
	}
}

test("both books give the same events and state, and every invariant holds", () => {
	fc.assert(
		fc.property(wishes, (run) => {
			const naive = tradingEngine("naive");
			const fast = tradingEngine("fast");
			const auditor = new Auditor();
			const out = new EventBuffer();
			const other = new EventBuffer();
			telling(run, naive, (command, at) => {
				naive.apply(command, at, out);
				fast.apply(command, at, other);
				const words = [...out.words.subarray(0, out.length)];
				expect([...other.words.subarray(0, other.length)]).toEqual(words);
				expect(other.count).toBe(out.count);
				expect(fast.stateHash()).toBe(naive.stateHash());
				auditor.audit(command, decodeEvents(words), fast);
			});
		}),
		RUNS,
	);
}, 60_000);

test("an engine restored from a snapshot has the same state and the same future", () => {
	fc.assert(
		fc.property(wishes, fc.nat(149), fc.boolean(), (run, at, toFast) => {
			const live = tradingEngine("fast");
			const out = new EventBuffer();
			const other = new EventBuffer();
			const commands = run.map((wish) => {
				const command = wish(live);
				live.apply(command, 0, out);
				return command;
			});
			const engine = tradingEngine(toFast ? "naive" : "fast");
			const cut = at % (commands.length + 1);
			for (const command of commands.slice(0, cut)) engine.apply(command, 0, out);
			const restored = Engine.restore(engine.snapshot(), toFast ? "fast" : "naive");
			expect(restored.stateHash()).toBe(engine.stateHash());
			expect([...restored.openOrders()]).toEqual([...engine.openOrders()]);
			for (const command of commands.slice(cut)) {
				engine.apply(command, 0, out);
				restored.apply(command, 0, other);
				expect(other.words.subarray(0, other.length)).toEqual(out.words.subarray(0, out.length));
			}
			expect(restored.snapshot()).toEqual(live.snapshot());
		}),
		RUNS,
	);
}, 60_000);
