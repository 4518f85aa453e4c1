import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import type { LogEntry } from "../../schemas/ports/log.ts";
import type { Position } from "./positions.ts";

/** How many hashes back a doubled record is compared. */
const REMEMBERED = 1_024;

/**
 * Reads one partition of `trades` in order: drops what it has seen, stops at a gap or a fork, and
 * hands out whole answers, so that a position never stands between the parts of one.
 */
export class TradesReader {
	private readonly position: Position;
	private parts: EventRecord[] = [];
	private received: number;
	private readonly hashes: string[] = new Array(REMEMBERED).fill("");

	/** @param position moved along as answers are handed out */
	constructor(position: Position) {
		this.position = position;
		this.received = position.evSeq;
		this.hashes[position.evSeq % REMEMBERED] = position.hash;
	}

	/**
	 * Takes the next entry; returns the records of an answer when this was its last part.
	 *
	 * @throws InvariantViolation on a gap, a fork, or parts out of order
	 */
	take(entry: LogEntry<EventRecord>): readonly EventRecord[] | null {
		const { record, offset } = entry;
		if (record.evSeq <= this.received) {
			this.compare(record);
			if (this.parts.length === 0) this.position.tradesOffset = offset + 1;
			return null;
		}
		const { partition } = this.position;
		if (record.evSeq !== this.received + 1) {
			throw new InvariantViolation(`trades ${partition}: ${record.evSeq} follows ${this.received}`);
		}
		if (record.part !== this.parts.length) {
			throw new InvariantViolation(`trades ${partition}: a part is missing`);
		}
		this.received = record.evSeq;
		this.hashes[record.evSeq % REMEMBERED] = record.hash;
		this.parts.push(record);
		if (!record.last) return null;
		const parts = this.parts;
		this.parts = [];
		this.position.tradesOffset = offset + 1;
		this.position.evSeq = record.evSeq;
		this.position.hash = record.hash;
		return parts;
	}

	/** The same evSeq with other bytes is a fork: somebody's history is not the venue's. */
	private compare(record: EventRecord): void {
		if (record.evSeq + REMEMBERED <= this.received) return;
		const known = this.hashes[record.evSeq % REMEMBERED];
		if (known === "" || known === record.hash) return;
		throw new InvariantViolation(
			`trades ${record.partition}: ${record.evSeq} has hash ${record.hash}, not ${known}`,
		);
	}
}
