import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { invariant } from "../../schemas/invariant.ts";
import { type FrameHead, HEAD_BYTES } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import type { OpenFile } from "./kept-descriptors.ts";

/** A batch as it stands in the log. */
export interface StoredBatch {
	readonly firstOffset: number;
	/** One record per line. */
	readonly lines: readonly string[];
}

/** What the first frame of every segment says. */
export interface SegmentTitle {
	readonly version: number;
	readonly logId: string;
	readonly partitions: number;
	/** By lane: the offset of its first record in this segment or a later one. */
	readonly starts: readonly number[];
}

/** The lane of that first frame. */
export const TITLE_LANE = 0xffff_ffff;

/** Where a reader may begin: the place of a frame, and by lane the offset it has come to there. */
interface Mark {
	readonly position: number;
	readonly starts: readonly number[];
}

/** Bytes between two marks. */
const MARK_EVERY_BYTES = 1 << 17;

const NAME = /^(\d{8})\.log$/;

/** "00000001.log" */
export function segmentName(number: number): string {
	return `${String(number).padStart(8, "0")}.log`;
}

/** The number in a segment's name; null for another file. */
export function segmentNumber(name: string): number | null {
	const digits = NAME.exec(name)?.[1];
	return digits === undefined ? null : Number(digits);
}

/**
 * One file of the log, for reading: frames after a title. It keeps a descriptor until `close`; closed, it takes one for
 * the time of a read.
 */
export class Segment {
	readonly number: number;
	readonly path: string;
	readonly title: SegmentTitle;
	private fd: number | null;
	private marks: Mark[] | null = null;

	private constructor(number: number, path: string, fd: number, title: SegmentTitle) {
		this.number = number;
		this.path = path;
		this.fd = fd;
		this.title = title;
	}

	/** Null when it has no title: its making was cut off. */
	static open(folder: string, number: number, openFile: OpenFile = openSync): Segment | null {
		const path = join(folder, segmentName(number));
		const fd = openFile(path, "r");
		const reader = new FrameReader(fd);
		const head = reader.head(0);
		const lines = head?.lane === TITLE_LANE ? reader.lines(0, head) : null;
		if (lines === null) {
			closeSync(fd);
			return null;
		}
		return new Segment(number, path, fd, JSON.parse(lines[0] as string) as SegmentTitle);
	}

	/** Where the first frame after the title stands. */
	begin(): number {
		const head = this.reading((reader) => reader.head(0));
		invariant(head !== null, `${this.path} has lost its title`);
		return HEAD_BYTES + head.bytes;
	}

	/**
	 * Looks at every frame, and remembers where some of them stand.
	 *
	 * @param keeps whether the frame counts; the first that does not ends the segment
	 * @returns where it ends, and by lane the offset after its last record
	 */
	walk(keeps: (reader: FrameReader, position: number, head: FrameHead) => boolean): Mark {
		const ends = [...this.title.starts];
		let position = this.begin();
		this.marks = [{ position, starts: [...ends] }];
		return this.reading((reader) => {
			for (let head = reader.head(position); head !== null; head = reader.head(position)) {
				if (!keeps(reader, position, head)) break;
				this.note(position, ends);
				ends[head.lane] = head.firstOffset + head.count;
				position += HEAD_BYTES + head.bytes;
			}
			return { position, starts: ends };
		});
	}

	/** A frame begins there; `starts` is by lane the offset before it. */
	note(position: number, starts: readonly number[]): void {
		this.marks ??= [];
		const last = this.marks.at(-1);
		if (last !== undefined && position < last.position + MARK_EVERY_BYTES) return;
		this.marks.push({ position, starts: [...starts] });
	}

	/**
	 * The batches of a lane that overlap [from, to), oldest first, as far as this segment has them.
	 *
	 * @throws InvariantViolation when one of them is not as it was written
	 */
	batches(lane: number, from: number, to: number): readonly StoredBatch[] {
		const position = this.positionBefore(lane, from);
		return this.reading((reader) => this.batchesAt(reader, position, lane, from, to));
	}

	/** It may be read on. */
	close(): void {
		if (this.fd !== null) closeSync(this.fd);
		this.fd = null;
	}

	private reading<T>(read: (reader: FrameReader) => T): T {
		if (this.fd !== null) return read(new FrameReader(this.fd));
		const fd = openSync(this.path, "r");
		try {
			return read(new FrameReader(fd));
		} finally {
			closeSync(fd);
		}
	}

	private batchesAt(
		reader: FrameReader,
		begin: number,
		lane: number,
		from: number,
		to: number,
	): readonly StoredBatch[] {
		const batches: StoredBatch[] = [];
		let position = begin;
		for (let head = reader.head(position); head !== null; head = reader.head(position)) {
			if (head.lane === lane) {
				if (head.firstOffset >= to) break;
				if (head.firstOffset + head.count > from) {
					const lines = reader.lines(position, head);
					invariant(lines?.length === head.count, `${this.path} is damaged at byte ${position}`);
					batches.push({ firstOffset: head.firstOffset, lines });
					if (head.firstOffset + head.count >= to) break;
				}
			}
			position += HEAD_BYTES + head.bytes;
		}
		return batches;
	}

	/** The last mark at or before the record. */
	private positionBefore(lane: number, offset: number): number {
		if (this.marks === null) this.walk(() => true);
		const marks = this.marks as unknown as readonly Mark[];
		let low = 0;
		for (let high = marks.length - 1; low < high; ) {
			const middle = (low + high + 1) >> 1;
			if (((marks[middle] as Mark).starts[lane] as number) <= offset) low = middle;
			else high = middle - 1;
		}
		return (marks[low] as Mark).position;
	}
}
