import { CommandKind } from "../../schemas/command.ts";
import { type Event, EventKind, type EventRecord } from "../../schemas/event.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import { VenueConfig, type VenueConfigState } from "../../schemas/venue-config.ts";
import type { MarketOutputs } from "./market-outputs.ts";
import { SymbolMarket } from "./symbol-market.ts";

/** How many hashes are kept to tell a repeated record from a forked one. */
const HASHES_KEPT = 1_024;

/** Where a partition's state stands. */
export interface PartitionPosition {
	readonly evSeq: number;
	readonly hash: string;
	readonly ts: number;
}

/** The market data of one partition: a pure function of its records. */
export class PartitionMarket {
	readonly partition: number;
	readonly venue: VenueConfig;
	evSeq = 0;
	/** The partition's time, ms. */
	ts = 0;
	hash = "";
	/** The record that changed `venue` last; after a restore, the snapshot's. */
	venueEvSeq = 0;
	/** True between two commands; false while the parts of a long answer are coming in. */
	whole = true;
	private readonly byId = new Map<number, SymbolMarket>();
	private readonly hashes: string[] = new Array(HASHES_KEPT).fill("");

	constructor(
		partition: number,
		from?: {
			readonly position: PartitionPosition;
			readonly venue: VenueConfigState;
			readonly symbols: readonly SymbolMarket[];
		},
	) {
		this.partition = partition;
		this.venue = new VenueConfig(from?.venue);
		if (from === undefined) return;
		this.evSeq = from.position.evSeq;
		this.venueEvSeq = this.evSeq;
		this.hash = from.position.hash;
		this.ts = from.position.ts;
		this.hashes[this.evSeq % HASHES_KEPT] = this.hash;
		for (const symbol of from.symbols) this.byId.set(symbol.spec.symbolId, symbol);
	}

	symbols(): readonly SymbolMarket[] {
		return [...this.byId.values()];
	}

	symbol(symbolId: number): SymbolMarket | undefined {
		return this.byId.get(symbolId);
	}

	/**
	 * Applies the next record; false for one that was applied before.
	 *
	 * @throws InvariantViolation for a gap, a fork, or time that runs back
	 */
	apply(record: EventRecord, outputs: MarketOutputs): boolean {
		invariant(record.partition === this.partition, "a record of this partition");
		if (record.evSeq <= this.evSeq) {
			this.checkRepeated(record);
			return false;
		}
		if (record.evSeq !== this.evSeq + 1 && !resumesAfter(record, this.evSeq)) {
			throw new InvariantViolation(
				`trades/${this.partition} has a gap: ${record.evSeq} after ${this.evSeq}`,
			);
		}
		this.advance(record.ts, outputs);
		for (const event of record.events) this.applyEvent(event, record, outputs);
		if (record.last) for (const symbol of this.byId.values()) symbol.answered(outputs);
		this.whole = record.last;
		this.evSeq = record.evSeq;
		this.hash = record.hash;
		this.hashes[record.evSeq % HASHES_KEPT] = record.hash;
		return true;
	}

	private advance(ts: number, outputs: MarketOutputs): void {
		invariant(ts >= this.ts, "the partition's time never runs back");
		if (ts === this.ts) return;
		this.ts = ts;
		for (const symbol of this.byId.values()) symbol.advance(ts, outputs);
	}

	private applyEvent(event: Event, record: EventRecord, outputs: MarketOutputs): void {
		switch (event.kind) {
			case EventKind.LevelChanged:
				this.known(event.symbolId).levelChanged(event, outputs);
				break;
			case EventKind.Traded:
				this.known(event.symbolId).traded(event, record.ts, outputs);
				break;
			case EventKind.MarketResumed:
				this.known(event.symbolId).resume(event.lastId);
				break;
			case EventKind.AssetAdded:
			case EventKind.SymbolAdded:
			case EventKind.SymbolStateSet:
			case EventKind.SymbolRulesSet:
				this.configure(event, record, outputs);
				break;
			default:
				break;
		}
	}

	private configure(event: Event, record: EventRecord, outputs: MarketOutputs): void {
		this.venue.hear(event, record.command);
		this.venueEvSeq = record.evSeq;
		for (const spec of this.venue.symbols()) {
			if (spec.partition !== this.partition) continue;
			const market = this.byId.get(spec.symbolId);
			if (market !== undefined) {
				market.spec = spec;
			} else if (event.kind === EventKind.SymbolAdded) {
				const added = new SymbolMarket(spec);
				this.byId.set(spec.symbolId, added);
				added.advance(this.ts, outputs);
			}
		}
	}

	private known(symbolId: number): SymbolMarket {
		const market = this.byId.get(symbolId);
		if (market !== undefined) return market;
		throw new InvariantViolation(`symbol ${symbolId} was never added to this partition`);
	}

	private checkRepeated(record: EventRecord): void {
		if (record.evSeq <= this.evSeq - HASHES_KEPT) return;
		const known = this.hashes[record.evSeq % HASHES_KEPT];
		// After a restore only the newest hash is known.
		if (known === "" || known === record.hash) return;
		throw new InvariantViolation(
			`trades/${this.partition} is forked: evSeq ${record.evSeq} was ${known}, now ${record.hash}`,
		);
	}
}

/** Whether the log goes on there from one that was lost: what lies between nobody will ever see. */
function resumesAfter({ command, evSeq, events }: EventRecord, known: number): boolean {
	return (
		command?.kind === CommandKind.ResumePartition &&
		events.at(-1)?.kind === EventKind.PartitionResumed &&
		evSeq === command.evSeq + 1 &&
		evSeq > known
	);
}
