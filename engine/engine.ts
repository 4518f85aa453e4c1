import { type Command, CommandKind, type OrderCommand } from "../schemas/command.ts";
import { type Event, EventKind } from "../schemas/event.ts";
import type { EventBuffer } from "../schemas/event-words.ts";
import { invariant } from "../schemas/invariant.ts";
import { Side, SymbolState } from "../schemas/order.ts";
import { Rejection } from "../schemas/rejection.ts";
import { RunningHash } from "../schemas/running-hash.ts";
import { isWhole } from "./admission.ts";
import type { BookFactory, BookKind, RestingOrder } from "./book.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { cancelReplace } from "./cancel-replace.ts";
import { EngineTooOld } from "./engine-too-old.ts";
import { FastBooks } from "./fast/fast-books.ts";
import { type FrozenPart, FrozenState } from "./frozen-state.ts";
import { type Desk, Market } from "./market.ts";
import type { MarketRules } from "./market-rules.ts";
import { NaiveBooks } from "./naive/naive-book.ts";
import { Registry } from "./registry.ts";
import { restoreOrder, resumeMarket, resumePartition } from "./resume.ts";
import { readMarket, readRules, writeCounters, writeRules } from "./snapshot.ts";
import type { StopOrder } from "./stops.ts";
import { Taker } from "./taker.ts";

/**
 * The newest version of the rules that this program knows. Which one is in force, the log says: a change of what the
 * engine makes of a command is a new version, and what was logged before it is replayed by the rules of then.
 */
export const ENGINE_VERSION = 1;

/** Before the version in force, the first text of every snapshot. */
const SNAPSHOT_TITLE = "castle-engine ";

/** Symbols with an id below this are found without hashing. */
const DIRECT_IDS = 4_096;

/** An order that can still trade: resting in the book, or a stop that waits. */
export type OpenOrderView =
	| (RestingOrder & { readonly symbolId: number; readonly stop: false })
	| (StopOrder & { readonly symbolId: number; readonly stop: true });

export interface EngineOptions {
	readonly partition: number;
	readonly book: BookKind;
	/** Instead of `ENGINE_VERSION`, where an older or a newer program is played. */
	readonly newestVersion?: number | undefined;
}

/**
 * The matching of one partition: a pure function from commands to events. The same commands give the
 * same events and the same state, whatever book it runs on and whichever runtime.
 */
export class Engine {
	readonly partition: number;
	private readonly books: BookFactory;
	private readonly registry = new Registry();
	private readonly markets = new Map<number, Market>();
	/** Those of small ids once more, for the hot path. */
	private readonly direct: (Market | undefined)[] = [];
	private readonly desk: Desk = { lastOrderId: 0, taker: new Taker() };
	private readonly newestVersion: number;
	private inForce = 1;
	private ts = 0;

	constructor(options: EngineOptions) {
		this.partition = options.partition;
		this.newestVersion = options.newestVersion ?? ENGINE_VERSION;
		this.books = options.book === "fast" ? new FastBooks() : new NaiveBooks();
	}

	/**
	 * Applies one accepted command; clears `out`, then writes all its events, the answer last.
	 *
	 * @param ts the partition's time in ms: the highest accepted so far, so it never goes back
	 * @throws InvariantViolation when the engine's own state is wrong, or time goes back
	 * @throws EngineTooOld for a version of the rules that this program does not know; nothing has changed
	 */
	apply(command: Command, ts: number, out: EventBuffer): void {
		if (ts < this.ts) invariant(false, "a partition's time never goes back");
		this.ts = ts;
		out.clear();
		if (isForMarket(command)) this.applyToMarket(command, out);
		else out.push(this.applyToVenue(command, out));
	}

	/**
	 * Answers a command that `apply` cannot take, without a look at any book, and halts its symbol; clears `out`
	 * first. What `apply` left half done before must be thrown away with its engine.
	 *
	 * @returns the symbol that halts; null when the command is for none of this partition
	 */
	refuse(command: Command, ts: number, out: EventBuffer): number | null {
		this.ts = ts;
		out.clear();
		if (!isForMarket(command)) {
			out.push({ kind: EventKind.CommandRejected, reason: Rejection.EngineFault });
			return null;
		}
		out.push(refusal(command, Rejection.EngineFault));
		const { symbolId } = command;
		const known = this.registry.setState({
			...{ kind: CommandKind.SetSymbolState, symbolId, state: SymbolState.Halt },
		});
		return known === Rejection.None ? symbolId : null;
	}

	/**
	 * Whether it pays to `foresee` the commands of a batch before the first of them is applied: the books
	 * are larger than a processor's cache, so that each command waits for memory, and commands that are
	 * looked at together wait together.
	 */
	get foresees(): boolean {
		return this.books.outgrowCache;
	}

	/** Brings what some commands will be about into the processor's cache. Nothing is changed by it. */
	foresee(commands: readonly Command[]): void {
		for (const command of commands) {
			if (!isForMarket(command)) continue;
			const { symbolId } = command;
			const market = symbolId < DIRECT_IDS ? this.direct[symbolId] : this.markets.get(symbolId);
			market?.foresee(command);
		}
		this.books.readAhead();
	}

	/** The version of the rules in force. */
	get version(): number {
		return this.inForce;
	}

	/** The whole state as bytes; the same for both books. */
	snapshot(): Uint8Array {
		const pieces = [...this.freeze().pieces()];
		const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
		let at = 0;
		for (const piece of pieces) {
			bytes.set(piece, at);
			at += piece.length;
		}
		return bytes;
	}

	/** The state of this moment, of which the snapshot can be written by and by while commands go on. */
	freeze(): FrozenState {
		const to = new ByteWriter();
		to.text(`${SNAPSHOT_TITLE}${this.inForce}`);
		to.number(this.partition);
		to.number(this.ts);
		to.number(this.desk.lastOrderId);
		const { assets, symbols } = this.registry;
		to.number(assets.length);
		for (const { assetId, asset } of assets) {
			to.number(assetId);
			to.text(asset);
		}
		to.number(symbols.length);
		const orders = this.books.freeze();
		const parts: FrozenPart[] = [{ head: to.take(), orders: null }];
		for (const rules of symbols) {
			writeRules(rules, to);
			const market = this.markets.get(rules.symbolId);
			if (market !== undefined) writeCounters(market, to);
			parts.push({ head: to.take(), orders: orders.get(rules.symbolId) ?? null });
		}
		return new FrozenState(parts);
	}

	/**
	 * The engine that a snapshot was taken of, on either book.
	 *
	 * @throws RangeError when the bytes are not a whole snapshot of a version that this program knows
	 */
	static restore(bytes: Uint8Array, book: BookKind, newestVersion = ENGINE_VERSION): Engine {
		const from = new ByteReader(bytes);
		const version = versionOf(from.text());
		if (version > newestVersion) throw new RangeError("a snapshot of another version");
		const engine = new Engine({ partition: from.number(), book, newestVersion });
		engine.inForce = version;
		engine.ts = from.number();
		engine.desk.lastOrderId = from.number();
		const { assets, symbols } = engine.registry;
		for (let left = from.number(); left > 0; left -= 1) {
			assets.push({ assetId: from.number(), asset: from.text() });
		}
		for (let left = from.number(); left > 0; left -= 1) {
			const rules = readRules(from);
			symbols.push(rules);
			const market = engine.open(rules);
			if (market !== undefined) readMarket(market, from);
		}
		if (!from.done) throw new RangeError("the snapshot goes on after its end");
		return engine;
	}

	/** 16 hex digits over the canonical state, the running hash of the snapshot's bytes: the same for both books. */
	stateHash(): string {
		const hash = new RunningHash();
		hash.addAll(this.snapshot());
		return hash.digest();
	}

	/** Bytes of the books that grow in place: a heap's own statistics may count them twice. */
	get inPlaceBytes(): number {
		return this.books.inPlaceBytes;
	}

	/** Best bid of a symbol in ticks; 0 when there is none. */
	bestBid(symbolId: number): number {
		return this.markets.get(symbolId)?.book.bestTicks(Side.Buy) ?? 0;
	}

	/** Best ask of a symbol in ticks; 0 when there is none. */
	bestAsk(symbolId: number): number {
		return this.markets.get(symbolId)?.book.bestTicks(Side.Sell) ?? 0;
	}

	/** Price of a symbol's last trade in ticks; 0 before the first. */
	lastPrice(symbolId: number): number {
		return this.markets.get(symbolId)?.tape.lastTicks ?? 0;
	}

	/** A symbol's levels, best first: price in ticks, visible lots. */
	depth(symbolId: number): { bids: [number, number][]; asks: [number, number][] } {
		const book = this.markets.get(symbolId)?.book;
		return { bids: book?.depth(Side.Buy) ?? [], asks: book?.depth(Side.Sell) ?? [] };
	}

	/** Every open order: by symbol, resting ones in price-time priority, then stops. */
	*openOrders(): IterableIterator<OpenOrderView> {
		for (const [symbolId, { book, stops }] of this.markets) {
			for (const order of book.orders()) yield { ...order, symbolId, stop: false };
			for (const order of stops.orders()) yield { ...order, symbolId, stop: true };
		}
	}

	private applyToMarket(command: OrderCommand, out: EventBuffer): void {
		const { symbolId } = command;
		const market = symbolId < DIRECT_IDS ? this.direct[symbolId] : this.markets.get(symbolId);
		if (market === undefined) {
			out.push(refusal(command, Rejection.UnknownSymbol));
			return;
		}
		market.tape.out = out;
		switch (command.kind) {
			case CommandKind.PlaceOrder:
				market.place(command);
				break;
			case CommandKind.CancelOrder:
				market.cancel(command);
				break;
			case CommandKind.CancelReplace:
				cancelReplace(market, command);
				break;
			case CommandKind.AmendOrder:
				market.amend(command);
				break;
			case CommandKind.CancelAllOrders:
				market.cancelAll(command);
				break;
		}
	}

	private applyToVenue(command: Exclude<Command, OrderCommand>, out: EventBuffer): Event {
		switch (command.kind) {
			case CommandKind.Deposit:
				return { ...ownerOf(command), kind: EventKind.Deposited };
			case CommandKind.Withdraw:
				return { ...ownerOf(command), kind: EventKind.Withdrawn };
			case CommandKind.Beat:
				return { kind: EventKind.BeatSeen };
			case CommandKind.Tick:
				return { kind: EventKind.Ticked };
			case CommandKind.AddAsset: {
				const reason = this.registry.addAsset(command.asset);
				const { assetId } = command.asset;
				return rejectedOr(reason, { kind: EventKind.AssetAdded, assetId });
			}
			case CommandKind.AddSymbol: {
				const reason = this.registry.addSymbol(command.symbol);
				if (reason === Rejection.None) this.open(this.registry.symbols.at(-1) as MarketRules);
				const { symbolId } = command.symbol;
				return rejectedOr(reason, { kind: EventKind.SymbolAdded, symbolId });
			}
			case CommandKind.SetSymbolState: {
				const { symbolId, state } = command;
				const reason = this.registry.setState(command);
				return rejectedOr(reason, { kind: EventKind.SymbolStateSet, symbolId, state });
			}
			case CommandKind.SetSymbolRules: {
				const { symbolId } = command.symbol;
				const reason = this.registry.setRules(command.symbol);
				return rejectedOr(reason, { kind: EventKind.SymbolRulesSet, symbolId });
			}
			case CommandKind.ResumePartition: {
				const reason = resumePartition(this.desk, this.registry, command);
				const { lastOrderId } = command;
				return rejectedOr(reason, { kind: EventKind.PartitionResumed, lastOrderId });
			}
			case CommandKind.ResumeMarket: {
				const { symbolId, lastId, lastTicks } = command;
				const reason = resumeMarket(this.markets.get(symbolId), command);
				return rejectedOr(reason, { kind: EventKind.MarketResumed, symbolId, lastId, lastTicks });
			}
			case CommandKind.RestoreOrder: {
				const { symbolId, orderId, userId } = command.order;
				const market = this.markets.get(symbolId);
				if (market !== undefined) market.tape.out = out;
				const reason = restoreOrder(market, this.desk, command.order);
				return rejectedOr(reason, { kind: EventKind.OrderRestored, symbolId, orderId, userId });
			}
			case CommandKind.SetEngineVersion: {
				const { version } = command;
				const reason = this.setVersion(version);
				return rejectedOr(reason, { kind: EventKind.EngineVersionSet, version });
			}
			case CommandKind.Skip:
				return { kind: EventKind.SkipHeard, shard: command.shard, seq: command.seq };
			default:
				// Nobody can read it, perhaps a newer version wrote it: said, not guessed at.
				return { kind: EventKind.CommandRejected, reason: Rejection.InvalidCommand };
		}
	}

	private setVersion(version: number): Rejection {
		if (!isWhole(version, this.inForce + 1, Number.MAX_SAFE_INTEGER)) {
			return Rejection.InvalidCommand;
		}
		if (version > this.newestVersion) {
			throw new EngineTooOld(this.partition, version, this.newestVersion);
		}
		this.inForce = version;
		return Rejection.None;
	}

	/** A book for a symbol of this partition; another partition's is only known. */
	private open(rules: MarketRules): Market | undefined {
		if (rules.partition !== this.partition) return undefined;
		const market = new Market(rules, this.books.create(rules.symbolId), this.desk);
		this.markets.set(rules.symbolId, market);
		if (rules.symbolId < DIRECT_IDS) this.direct[rules.symbolId] = market;
		return market;
	}
}

/** Whether a command is for one symbol's book. The kinds of such are the first. */
export function isForMarket(command: Command): command is OrderCommand {
	return command.kind >= CommandKind.PlaceOrder && command.kind <= CommandKind.CancelAllOrders;
}

/** @throws RangeError for a text that is no snapshot's first */
function versionOf(title: string): number {
	const version = title.startsWith(SNAPSHOT_TITLE) ? Number(title.slice(SNAPSHOT_TITLE.length)) : 0;
	if (!isWhole(version, 1, Number.MAX_SAFE_INTEGER)) {
		throw new RangeError("no snapshot of an engine");
	}
	return version;
}

function rejectedOr(reason: Rejection, event: Event): Event {
	return reason === Rejection.None ? event : { kind: EventKind.CommandRejected, reason };
}

function ownerOf({ userId, assetId }: { userId: number; assetId: number }) {
	return { userId, assetId };
}

/** The answer, of the command's own kind, to one that no book has seen. */
function refusal(command: OrderCommand, reason: Rejection): Event {
	const { symbolId, userId } = command;
	switch (command.kind) {
		case CommandKind.PlaceOrder:
			return { kind: EventKind.OrderRejected, symbolId, userId, reason };
		case CommandKind.CancelOrder:
			return {
				kind: EventKind.CancelRejected,
				symbolId,
				orderId: command.orderId,
				userId,
				reason,
			};
		case CommandKind.AmendOrder:
			return { kind: EventKind.AmendRejected, symbolId, orderId: command.orderId, userId, reason };
		case CommandKind.CancelAllOrders:
			return { kind: EventKind.CancelAllRejected, symbolId, userId, reason };
		case CommandKind.CancelReplace:
			return {
				kind: EventKind.CancelReplaceAnswered,
				symbolId,
				userId,
				oldOrderId: command.cancelOrderId,
				cancelReason: reason,
				newOrderId: 0,
				newReason: reason,
			};
	}
}
