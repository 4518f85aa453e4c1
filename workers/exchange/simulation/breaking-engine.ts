import { Engine } from "../../../engine/engine.ts";
import { type Command, CommandKind } from "../../../schemas/command.ts";
import { EventKind } from "../../../schemas/event.ts";
import type { EventBuffer } from "../../../schemas/event-words.ts";
import { EVENT_WORDS } from "../../../schemas/event-words.ts";
import { InvariantViolation } from "../../../schemas/invariant.ts";
import type { Tally } from "./tally.ts";

/** New orders of a symbol, by the partition's time in ms. */
interface Fault {
	readonly symbolId: number;
	readonly fromTs: number;
	readonly toTs: number;
	/** In the memory of one engine, and gone when its state is read anew. */
	readonly once: boolean;
	fired: boolean;
}

/**
 * Makes the engine of a run break in the midst of some orders: after it has taken them, so that what is left
 * behind is wrong. Whether it does is a function of the log, so every engine breaks at the same.
 */
export class BreakingEngine {
	private readonly faults: Fault[] = [];
	private readonly tally: Tally;
	private readonly apply = Engine.prototype.apply;

	constructor(tally: Tally) {
		this.tally = tally;
	}

	/** From now on, for every engine there is. */
	install(): void {
		const { apply } = this;
		const isBroken = this.isBroken.bind(this);
		Engine.prototype.apply = function (this: Engine, command, ts, out): void {
			apply.call(this, command, ts, out);
			if (isBroken(command, ts, out)) throw new InvariantViolation("rehearsed");
		};
	}

	remove(): void {
		Engine.prototype.apply = this.apply;
	}

	/** @param fromTs nobody has seen a command of this time yet */
	breakAt(symbolId: number, fromTs: number, toTs: number, once: boolean): void {
		this.faults.push({ symbolId, fromTs, toTs, once, fired: false });
	}

	/** Whether a new order of a symbol breaks every engine at a partition's time, whatever its memory. */
	breaksAll(symbolId: number, ts: number): boolean {
		const fault = this.faultAt(symbolId, ts);
		return fault !== undefined && !fault.once;
	}

	private isBroken(command: Command, ts: number, out: EventBuffer): boolean {
		if (this.faults.length === 0 || command.kind !== CommandKind.PlaceOrder) return false;
		const fault = this.faultAt(command.symbolId, ts);
		if (fault === undefined || (fault.once && fault.fired)) return false;
		if (out.words[out.length - wordsOfAccepted] !== EventKind.OrderAccepted) return false;
		fault.fired = true;
		this.tally.add(`the engine breaks: ${fault.once ? "once" : "for everyone"}`);
		return true;
	}

	private faultAt(symbolId: number, ts: number): Fault | undefined {
		return this.faults.find(
			(one) => one.symbolId === symbolId && one.fromTs <= ts && ts < one.toTs,
		);
	}
}

const wordsOfAccepted = EVENT_WORDS[EventKind.OrderAccepted] as number;
