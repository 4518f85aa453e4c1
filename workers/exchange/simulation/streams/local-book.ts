import type { SymbolSpec } from "../../../../schemas/symbol.ts";
import { BookAt, changesBetween } from "../referee/book-at.ts";
import type { ModelSymbol } from "../referee/model-symbol.ts";

type Level = readonly [price: string, qty: string];
type Sides = readonly [Map<number, number>, Map<number, number>];

/** A depth snapshot as REST has it. */
export interface DepthSnapshot {
	readonly lastUpdateId: number;
	readonly bids: readonly Level[];
	readonly asks: readonly Level[];
}

/** A message of a diff stream. */
export interface DepthMessage {
	readonly U: number;
	readonly u: number;
	readonly b: readonly Level[];
	readonly a: readonly Level[];
}

/**
 * A client's book of one symbol, kept as Binance documents it: buffer the diffs, take a snapshot, drop
 * what it has, apply the rest. Everything that comes is held against the book of the events (16).
 */
export class LocalBook {
	/** Whether a snapshot and the diffs after it make a whole book. */
	whole = false;
	private readonly symbol: ModelSymbol;
	private readonly fault: (text: string) => void;
	private readonly sides: Sides = [new Map(), new Map()];
	private buffered: DepthMessage[] = [];
	/** Last update id of the stream; 0 before the first message. */
	private heardId = 0;
	private bookId = 0;
	/** The book of the events, as far as this one has come. */
	private due: BookAt;

	constructor(symbol: ModelSymbol, fault: (text: string) => void) {
		this.symbol = symbol;
		this.fault = fault;
		this.due = new BookAt(symbol.changes);
	}

	/** The next message; false when the snapshot turns out too old, and another has to be asked for. */
	hear(message: DepthMessage): boolean {
		const { U, u } = message;
		if (this.heardId > 0 && U !== this.heardId + 1) {
			this.wrong(`a silent hole in the depth, from ${this.heardId} to ${U}`);
		}
		const isFirst = this.heardId === 0;
		this.heardId = u;
		const { spec, changes } = this.symbol;
		const due = changesBetween(changes, U, u);
		const said = [levelsOf(spec, message.b), levelsOf(spec, message.a)];
		if (u > changes.length || !due.every((levels, side) => same(levels, said[side]))) {
			this.wrong(`the diff ${U} to ${u} is not what happened`);
		}
		const tooOld = this.whole && isFirst && U > this.bookId + 1;
		if (tooOld) this.whole = false;
		if (this.whole) this.apply(message);
		else this.buffered.push(message);
		return !tooOld;
	}

	/** The snapshot that was asked for; false when it is too old, and another has to be asked for. */
	start(snapshot: DepthSnapshot): boolean {
		const { spec, changes } = this.symbol;
		const { lastUpdateId } = snapshot;
		const said = [levelsOf(spec, snapshot.bids), levelsOf(spec, snapshot.asks)] as const;
		const book = new BookAt(changes);
		const happened = book.goTo(lastUpdateId);
		if (!happened || !book.levels.every((levels, side) => same(levels, said[side]))) {
			this.wrong(`the snapshot at ${lastUpdateId} is not the book`);
		}
		const first = this.buffered.find(({ u }) => u > lastUpdateId);
		if (first !== undefined && first.U > lastUpdateId + 1) return false;
		for (const [side, levels] of said.entries()) {
			const own = this.sides[side as 0 | 1];
			own.clear();
			for (const [price, lots] of levels) own.set(price, lots);
		}
		this.bookId = lastUpdateId;
		this.due = book;
		this.whole = true;
		for (const message of this.buffered) this.apply(message);
		this.buffered = [];
		return true;
	}

	/** It is the book at its update id. */
	check(): void {
		if (!this.whole) return;
		const right = this.due.levels.every((levels, side) => same(levels, this.sides[side]));
		if (!right) this.wrong(`a client's book at ${this.bookId} is another`);
	}

	/** Everything that happened has come. */
	isComplete(): boolean {
		return this.whole && this.bookId === this.symbol.changes.length;
	}

	/** At rest: the client's book is the book. */
	takeStock(): void {
		const right = this.symbol.levels.every((levels, side) => same(levels, this.sides[side]));
		if (!right) this.wrong(`a client's book at ${this.bookId} is another`);
	}

	private apply({ U, u, b, a }: DepthMessage): void {
		if (u <= this.bookId) return;
		if (U > this.bookId + 1) this.wrong(`the book ends at ${this.bookId}, the diff begins at ${U}`);
		this.bookId = u;
		this.due.goTo(u);
		for (const [side, levels] of [b, a].entries()) {
			const own = this.sides[side as 0 | 1];
			const due = this.due.levels[side as 0 | 1];
			for (const [price, lots] of levelsOf(this.symbol.spec, levels)) {
				if (lots === 0) own.delete(price);
				else own.set(price, lots);
				if (own.get(price) !== due.get(price)) this.wrong(`a client has ${price} wrong at ${u}`);
			}
			if (own.size !== due.size) this.wrong(`a client's book at ${u} is another`);
		}
	}

	private wrong(text: string): void {
		this.fault(`16: ${this.symbol.spec.symbol}: ${text}`);
	}
}

function levelsOf(spec: SymbolSpec, levels: readonly Level[]): Map<number, number> {
	const tick = Number(spec.tickSize);
	const lot = Number(spec.lotSize);
	return new Map(
		levels.map(([price, qty]) => [Math.round(Number(price) / tick), Math.round(Number(qty) / lot)]),
	);
}

function same(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number> | undefined): boolean {
	if (a.size !== b?.size) return false;
	for (const [price, lots] of a) if (b.get(price) !== lots) return false;
	return true;
}
