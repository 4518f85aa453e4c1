import type { BookKind } from "../../engine/book.ts";
import { ENGINE_VERSION, Engine } from "../../engine/engine.ts";
import { EngineTooOld } from "../../engine/engine-too-old.ts";
import {
	CommandKind,
	type CommandRecord,
	type OrdersRecord,
	type ResumePartition,
	VENUE_SHARD,
} from "../../schemas/command.ts";
import { EventKind, type EventRecord, MAX_EVENTS_PER_RECORD } from "../../schemas/event.ts";
import { decodeEvents, EVENT_WORDS, EventBuffer } from "../../schemas/event-words.ts";
import { invariant } from "../../schemas/invariant.ts";
import { SymbolState } from "../../schemas/order.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { RunningHash } from "../../schemas/running-hash.ts";
import { SequenceGate, type ShardMark } from "../protocol/sequence-gate.ts";
import { EngineFault } from "./engine-fault.ts";

/** What a snapshot holds besides the engine's own bytes. */
export interface PartitionMarks {
	readonly partition: number;
	/** The highest ts accepted, ms. */
	readonly ts: number;
	readonly evSeq: number;
	readonly hash: string;
	readonly shards: readonly ShardMark[];
}

/**
 * One partition as a pure function of its lines of `orders`: which of them count, what the engine makes
 * of them, and the records of `trades` that say so. Same lines, same records, same hash, anywhere.
 */
export class PartitionState {
	readonly partition: number;
	readonly engine: Engine;
	/** Events in one record of `trades` at most. */
	eventsPerRecord = MAX_EVENTS_PER_RECORD;
	private readonly gate: SequenceGate;
	private readonly out = new EventBuffer();
	private readonly running: RunningHash;
	private evSeq: number;
	private ts: number;

	constructor(marks: PartitionMarks, engine: Engine) {
		this.partition = marks.partition;
		this.engine = engine;
		this.gate = new SequenceGate(marks.shards);
		this.running = marks.evSeq === 0 ? new RunningHash() : new RunningHash(marks.hash);
		this.evSeq = marks.evSeq;
		this.ts = marks.ts;
	}

	/** The state before the first line. */
	static empty(partition: number, book: BookKind, newestVersion = ENGINE_VERSION): PartitionState {
		const marks = { partition, ts: 0, evSeq: 0, hash: "", shards: [] };
		return new PartitionState(marks, new Engine({ partition, book, newestVersion }));
	}

	/** Has the engine look at lines that will be applied next, when that pays. Nothing is changed by it. */
	foresee(lines: readonly OrdersRecord[]): void {
		if (!this.engine.foresees) return;
		const commands = lines.map((line) => line.command);
		this.engine.foresee(commands.filter((command) => command !== null));
	}

	/**
	 * Takes the next line; the records it gives, none when the line does not count.
	 *
	 * @throws EngineFault when the engine cannot take it: this state is of no use any more
	 * @throws EngineTooOld when only a newer program can
	 */
	apply(line: OrdersRecord): EventRecord[] {
		if (!this.takes(line)) return [];
		if (line.command === null) {
			this.out.clear();
			this.out.push({ kind: EventKind.EpochRaised, shard: line.shard, epoch: line.epoch });
		} else if (line.command.kind === CommandKind.ResumePartition) {
			this.resume(line.command);
		} else {
			this.command(line);
		}
		return this.records(line);
	}

	/**
	 * Refuses the next line instead, one that `apply` has thrown an EngineFault for. Its seq is used up, and its
	 * symbol halts: that is told as the venue's own, so that all who read what is the venue's hear of it.
	 */
	refuse(line: CommandRecord): EventRecord[] {
		invariant(this.takes(line), "what does not count cannot break the engine");
		const symbolId = this.engine.refuse(line.command, this.ts, this.out);
		const records = this.records(line);
		if (symbolId === null) return records;
		this.out.clear();
		this.out.push({ kind: EventKind.SymbolStateSet, symbolId, state: SymbolState.Halt });
		const epoch = this.gate.epochOf(VENUE_SHARD);
		return [...records, ...this.records({ shard: VENUE_SHARD, epoch, ts: this.ts, command: null })];
	}

	/** A gate that stands where this one does, for who looks ahead. */
	gateAhead(): SequenceGate {
		return new SequenceGate(this.gate.state());
	}

	marks(): PartitionMarks {
		return {
			partition: this.partition,
			ts: this.ts,
			evSeq: this.evSeq,
			hash: this.running.digest(),
			shards: this.gate.state(),
		};
	}

	private takes(line: OrdersRecord): boolean {
		if (this.gate.judge(line) === "ignored") return false;
		this.ts = Math.max(this.ts, line.ts);
		return true;
	}

	private command(line: CommandRecord): void {
		try {
			this.engine.apply(line.command, this.ts, this.out);
		} catch (error) {
			// No memory is no fault of the command, nor is its age this program's: elsewhere it is taken.
			if (error instanceof RangeError || error instanceof EngineTooOld) throw error;
			throw new EngineFault(line, error);
		}
	}

	/** The numbers of the lost log are used up: only the first line of a log can say so. */
	private resume(command: ResumePartition): void {
		if (this.evSeq !== 0) {
			this.out.clear();
			this.out.push({ kind: EventKind.CommandRejected, reason: Rejection.InvalidCommand });
			return;
		}
		this.evSeq = command.evSeq;
		this.gate.adopt(command.shards);
		this.engine.apply(command, this.ts, this.out);
	}

	/** Cuts the buffer into records of at most so many events. */
	private records(line: OrdersRecord): EventRecord[] {
		const { words, length, count } = this.out;
		const { eventsPerRecord } = this;
		if (count <= eventsPerRecord) return [this.record(line, 0, 0, length, true)];
		const records: EventRecord[] = [];
		let from = 0;
		while (from < length) {
			let to = from;
			for (let n = 0; n < eventsPerRecord && to < length; n += 1) {
				to += EVENT_WORDS[words[to] as number] as number;
			}
			records.push(this.record(line, records.length, from, to, to >= length));
			from = to;
		}
		return records;
	}

	private record(
		line: OrdersRecord,
		part: number,
		from: number,
		to: number,
		last: boolean,
	): EventRecord {
		this.evSeq += 1;
		const seq = line.command === null ? 0 : line.seq;
		const hash = this.running;
		for (const n of [this.evSeq, this.ts, line.shard, line.epoch, seq, part]) hash.add(n);
		hash.addAll(this.out.words, from, to);
		return {
			partition: this.partition,
			evSeq: this.evSeq,
			ts: this.ts,
			shard: line.shard,
			epoch: line.epoch,
			seq,
			part,
			last,
			command: line.command,
			events: decodeEvents(this.out.words, from, to),
			hash: hash.digest(),
		};
	}
}
