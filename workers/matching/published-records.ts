import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import type { Log, LogEntry } from "../../schemas/ports/log.ts";
import { tradesCodec } from "../../schemas/record-codec.ts";
import { LATE_COPIES, newestRecords } from "../shared/newest-records.ts";

/** Records read at a time. */
const CHUNK = 5_000;

/**
 * The records of `trades` from an offset on, without their repetitions, one after the other. The offset may be one of a
 * worker that another was ahead of, and published beside: then the records that follow stand before it.
 */
export class PublishedRecords {
	private readonly trades: Log<EventRecord>;
	private readonly partition: number;
	/** Where reading began. */
	private from: number;
	private next: number;
	private chunk: readonly LogEntry<EventRecord>[] = [];
	private index = 0;

	constructor(trades: Log<EventRecord>, partition: number, offset: number) {
		this.trades = trades;
		this.partition = partition;
		this.from = offset;
		this.next = offset;
	}

	/**
	 * The record with this evSeq; null while `trades` ends before it. Ask in ascending order.
	 *
	 * @throws InvariantViolation when `trades` goes on without it
	 * @throws LogTrimmed when it may stand where retention has removed what was
	 */
	async at(evSeq: number): Promise<EventRecord | null> {
		for (;;) {
			while (this.index < this.chunk.length) {
				const { record, offset } = this.chunk[this.index] as LogEntry<EventRecord>;
				if (record.evSeq > evSeq) {
					this.stepBack(evSeq);
					break;
				}
				this.index += 1;
				this.next = offset + 1;
				if (record.evSeq === evSeq) return record;
			}
			this.chunk = await this.trades.read(this.partition, this.next, CHUNK);
			this.index = 0;
			if (this.chunk.length === 0) return null;
		}
	}

	/** The offset after the last record looked at. */
	offset(): number {
		return this.next;
	}

	private stepBack(evSeq: number): void {
		if (this.from === 0) {
			throw new InvariantViolation(`trades ${this.partition} lacks evSeq ${evSeq}`);
		}
		this.from = Math.max(0, this.from - LATE_COPIES);
		this.next = this.from;
	}
}

/**
 * The same evSeq says the same, byte by byte: the hash covers header and events, the bytes the command
 * that readers take amounts from, too.
 *
 * @throws InvariantViolation for a fork
 */
export function compare(published: EventRecord, regenerated: EventRecord): void {
	invariant(
		tradesCodec.encode(published) === tradesCodec.encode(regenerated),
		`fork: partition ${published.partition} evSeq ${published.evSeq} was published with hash ${published.hash}, replay gives ${regenerated.hash}, of shard ${regenerated.shard} seq ${regenerated.seq}`,
	);
}

/** Up to where `trades` goes. */
export type LastPublished = Pick<EventRecord, "evSeq" | "hash">;

/** The record of the highest evSeq in `trades`; an evSeq of 0 when it is empty. */
export async function lastPublished(
	trades: Log<EventRecord>,
	partition: number,
): Promise<LastPublished> {
	const records = await newestRecords(trades, partition);
	return records.reduce<LastPublished>(
		(highest, record) => (record.evSeq > highest.evSeq ? record : highest),
		NOTHING,
	);
}

const NOTHING: LastPublished = { evSeq: 0, hash: "" };
