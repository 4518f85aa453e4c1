import type { BookKind } from "../../engine/book.ts";
import { Engine } from "../../engine/engine.ts";
import {
	type AmendOrder,
	type CancelOrder,
	type CancelReplace,
	type Command,
	CommandKind,
	type PlaceOrder,
} from "../../schemas/command.ts";
import { EventKind } from "../../schemas/event.ts";
import { EVENT_WORDS, EventBuffer } from "../../schemas/event-words.ts";
import { invariant } from "../../schemas/invariant.ts";
import type { Side } from "../../schemas/order.ts";
import { TimeInForce } from "../../schemas/order.ts";
import { btcUsdt } from "../../schemas/testing/symbols.ts";
import type { FillTape } from "./fill-tape.ts";
import { BASE_UNITS_PER_LOT, QUOTE_UNITS_PER_TICK_LOT, type Script } from "./script.ts";
import { Op, RECORD_WORDS } from "./workload.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The parts of an order that no workload says. */
const NEW_ORDER = {
	userId: 1,
	symbolId: 0,
	hold: { assetId: btcUsdt.quote.assetId, amount: 0n },
	side: 0,
	type: 0,
	timeInForce: 0,
	byQuote: false,
	priceTicks: 1,
	qtyLots: 1,
	capTickLots: 0,
	stopPriceTicks: 0,
	displayLots: 0,
	stpMode: 0,
	makerFeePpm: 1_000,
	takerFeePpm: 1_000,
	clientOrderId: "",
	clientIdGiven: false,
	strategyId: 0,
	strategyType: 0,
} as const;

/** Commands that are foreseen together: the matching worker's `AHEAD`. */
const BATCH = 32;

/** Commands per millisecond of the partition's time, as a power of two. */
const COMMANDS_PER_MS_BITS = 10;

/** One command object of each kind, refilled from the script. */
class CommandObjects {
	private readonly script: Script;
	private readonly place: Mutable<PlaceOrder> = { ...NEW_ORDER, kind: CommandKind.PlaceOrder };
	private readonly cancel: Mutable<CancelOrder> = {
		kind: CommandKind.CancelOrder,
		userId: 1,
		symbolId: 0,
		orderId: 0,
		restriction: 0,
		clientOrderId: "",
	};
	private readonly replace: Mutable<CancelReplace> = {
		...NEW_ORDER,
		kind: CommandKind.CancelReplace,
		hold: { assetId: btcUsdt.quote.assetId, amount: 0n },
		mode: 0,
		cancelOrderId: 0,
		cancelRestriction: 0,
		cancelClientOrderId: "",
		needAmount: 0n,
		releaseNeeded: 0,
	};
	private readonly amend: Mutable<AmendOrder> = {
		kind: CommandKind.AmendOrder,
		userId: 1,
		symbolId: 0,
		orderId: 0,
		newQtyLots: 1,
		clientOrderId: "",
	};

	constructor(script: Script) {
		this.script = script;
	}

	/** The command of a record; valid until the next call. */
	of(i: number): Command {
		const { words } = this.script;
		const at = i * RECORD_WORDS;
		const head = words[at] as number;
		const op = head & 0xff;
		const symbolId = head >>> 16;
		// The engine has no user 0.
		const userId = (words[at + 1] as number) + 1;
		if (op === Op.Limit || op === Op.Ioc) {
			const { place } = this;
			place.userId = userId;
			place.symbolId = symbolId;
			place.side = ((head >>> 8) & 1) as Side;
			place.timeInForce = op === Op.Limit ? TimeInForce.Gtc : TimeInForce.Ioc;
			place.priceTicks = words[at + 3] as number;
			place.qtyLots = words[at + 4] as number;
			return place;
		}
		const orderId = words[at + 2] as number;
		if (op === Op.Cancel) {
			const { cancel } = this;
			cancel.userId = userId;
			cancel.symbolId = symbolId;
			cancel.orderId = orderId;
			return cancel;
		}
		if (op === Op.Reduce) {
			const { amend } = this;
			amend.userId = userId;
			amend.symbolId = symbolId;
			amend.orderId = orderId;
			amend.newQtyLots = words[at + 5] as number;
			return amend;
		}
		const { replace } = this;
		const { holds, releases } = this.script;
		const holdAt = words[at + 5] as number;
		replace.userId = userId;
		replace.symbolId = symbolId;
		replace.cancelOrderId = orderId;
		replace.side = ((head >>> 8) & 1) as Side;
		replace.priceTicks = words[at + 3] as number;
		replace.qtyLots = words[at + 4] as number;
		(replace.hold as Mutable<CancelReplace["hold"]>).amount = holds[holdAt] as bigint;
		replace.needAmount = holds[holdAt + 1] as bigint;
		replace.releaseNeeded = releases[holdAt >>> 1] as number;
		return replace;
	}
}

/**
 * Feeds a script to a fresh engine, one command at a time, or a batch at a time where the engine wants to
 * foresee it. The commands are objects that are refilled from the script: what is measured is the engine,
 * not the making of objects.
 */
export class Driver {
	readonly engine: Engine;
	readonly out = new EventBuffer();
	readonly fills: FillTape;
	private readonly script: Script;
	private readonly commands: readonly CommandObjects[];
	private readonly batch: Command[] = [];

	constructor(script: Script, book: BookKind, fills: FillTape) {
		this.script = script;
		this.engine = new Engine({ partition: 0, book });
		this.fills = fills;
		this.commands = Array.from({ length: BATCH }, () => new CommandObjects(script));
		fills.clear();
		for (let symbolId = 0; symbolId < script.workload.symbols; symbolId += 1) {
			this.addSymbol(symbolId);
		}
	}

	/** The command of a record; valid until the next call. */
	command(i: number): Command {
		return (this.commands[0] as CommandObjects).of(i);
	}

	/** Applies one record's command and takes its fills from the events. */
	step(i: number): void {
		this.apply(this.command(i), i);
	}

	run(): void {
		const { records } = this.script.workload;
		for (let from = 0; from < records; from += BATCH) {
			const to = Math.min(from + BATCH, records);
			if (this.engine.foresees) this.runForeseen(from, to);
			else for (let i = from; i < to; i += 1) this.step(i);
		}
	}

	private runForeseen(from: number, to: number): void {
		const { commands, batch, engine } = this;
		batch.length = to - from;
		for (let i = from; i < to; i += 1)
			batch[i - from] = (commands[i - from] as CommandObjects).of(i);
		engine.foresee(batch);
		for (let i = from; i < to; i += 1) this.apply(batch[i - from] as Command, i);
	}

	private apply(command: Command, i: number): void {
		const { out } = this;
		this.engine.apply(command, i >>> COMMANDS_PER_MS_BITS, out);
		// Fewer than four events have no trade among them.
		if (out.count > 3) this.takeFills();
	}

	/** The usual kinds by name: a table would make each step wait for the one before. */
	private takeFills(): void {
		const { words, length } = this.out;
		for (let at = 0; at < length; ) {
			const kind = words[at] as number;
			if (kind === EventKind.Traded) {
				this.fills.add(
					words[at + 3] as number,
					words[at + 4] as number,
					words[at + 8] as number,
					words[at + 9] as number,
				);
				at += 13;
			} else if (kind === EventKind.LevelChanged) at += 6;
			else if (kind === EventKind.OrderAdmitted || kind === EventKind.OrderFilled) at += 4;
			else at += EVENT_WORDS[kind] as number;
		}
	}

	private addSymbol(symbolId: number): void {
		const { maxPriceTicks } = this.script;
		const maxQtyLots = Math.trunc(Number.MAX_SAFE_INTEGER / maxPriceTicks);
		invariant(this.script.maxQtyLots <= maxQtyLots, "price × quantity is exact");
		const symbol = {
			...btcUsdt,
			symbolId,
			symbol: `S${symbolId}`,
			quoteUnitsPerTickLot: QUOTE_UNITS_PER_TICK_LOT,
			baseUnitsPerLot: BASE_UNITS_PER_LOT,
			maxPriceTicks,
			maxQtyLots,
		};
		this.engine.apply({ kind: CommandKind.AddSymbol, symbol }, 0, this.out);
		invariant(this.out.words[0] === EventKind.SymbolAdded, "the symbol is taken");
	}
}
