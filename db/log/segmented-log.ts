import {
	closeSync,
	fsync,
	fsyncSync,
	mkdirSync,
	openSync,
	readdirSync,
	statSync,
	unlinkSync,
	writeFile,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { SettingsError } from "../../schemas/settings.ts";
import { keepCutOff } from "./cut-off.ts";
import { FrameWriter, HEAD_BYTES } from "./frame.ts";
import { KeptDescriptors } from "./kept-descriptors.ts";
import {
	Segment,
	type SegmentTitle,
	type StoredBatch,
	segmentName,
	segmentNumber,
	TITLE_LANE,
} from "./segment.ts";
import { type Disk, SegmentWriter } from "./segment-writer.ts";

/** By the runtime's thread pool, of a file that is open. */
const writeWhole = promisify(writeFile);
const syncWhole = promisify(fsync);

/** Format of the files; another version is refused. */
const VERSION = 1;

export interface SegmentedLogOptions {
	/** Of the segments; made when it is not there. */
	readonly folder: string;
	readonly lanes: number;
	/** Fixed when the log is made, and compared ever after. */
	readonly partitions: number;
	/** A segment that is longer is followed by the next one. */
	readonly segmentBytes: number;
	/** The machine's when it is not given. */
	readonly disk?: Disk;
	/** Told when more than room is cut off at the end. */
	readonly logger?: Logger;
}

/** A segment that is not written any more. */
export interface OldSegment {
	readonly number: number;
	readonly path: string;
	readonly logId: string;
	/** By lane: the offsets of its first record, and of the first after it. */
	readonly starts: readonly number[];
	readonly ends: readonly number[];
}

/** A batch that is to be stored. */
export interface Append {
	readonly lane: number;
	readonly count: number;
	/** The records, one per line. */
	readonly text: string;
}

/**
 * Files of frames, numbered: batches of several lanes, one after the other. Only the last is written,
 * at its end, one write at a time; old ones are removed whole. Each begins with a title that says where
 * every lane stands, so a start reads the last one alone.
 */
export class SegmentedLog {
	readonly logId: string;
	private readonly options: SegmentedLogOptions;
	private readonly segments: Segment[];
	/** By lane: the offset after the last durable record. */
	private readonly ends: number[];
	private readonly frames = new FrameWriter();
	/** Without a next file no order is taken. */
	private readonly descriptors: KeptDescriptors;
	private writer: SegmentWriter;

	private constructor(
		options: SegmentedLogOptions,
		descriptors: KeptDescriptors,
		segments: Segment[],
		ends: number[],
		writer: SegmentWriter,
	) {
		this.options = options;
		this.descriptors = descriptors;
		this.segments = segments;
		this.ends = ends;
		this.writer = writer;
		this.logId = (segments[0] as Segment).title.logId;
	}

	/**
	 * Opens the files of a folder, or makes the first with a new identity. What a crash left half
	 * written at the end is cut off, and kept beside; what stays there is made durable before anybody reads it.
	 *
	 * @throws SettingsError for another number of partitions, Error for another version
	 * @throws InvariantViolation when frames or a title are missing
	 */
	static async open(options: SegmentedLogOptions): Promise<SegmentedLog> {
		const { folder, lanes, partitions } = options;
		mkdirSync(folder, { recursive: true });
		const segments = openSegments(options);
		const descriptors = new KeptDescriptors();
		if (segments.length === 0) {
			const title = titleOf(partitions, new Array(lanes).fill(0));
			segments.push(await makeSegment(folder, 1, title, descriptors));
		}
		for (const { title } of segments) checkTitle(title, options);
		const last = segments.at(-1) as Segment;
		const { position, starts } = walkLast(last, lanes);
		const cutOff = keepCutOff(last.path, position);
		if (cutOff !== null) {
			await syncFolder(folder, descriptors);
			options.logger?.warn("the log's end was not whole: it is cut off, and kept", { ...cutOff });
		}
		const writer = new SegmentWriter(last.path, position, options.disk);
		sync(last.path);
		descriptors.refill();
		return new SegmentedLog(options, descriptors, segments, [...starts], writer);
	}

	/** The offset after the last durable record. */
	end(lane: number): number {
		return this.ends[lane] as number;
	}

	/** The oldest offset that is still stored. */
	first(lane: number): number {
		return (this.segments[0] as Segment).title.starts[lane] as number;
	}

	/**
	 * Stores batches in order; resolves with the first offset of each when all are durable. When it
	 * rejects none of them counts. One call at a time.
	 *
	 * @throws Error what the file system says
	 */
	async append(batch: readonly Append[]): Promise<readonly number[]> {
		if (this.writer.position >= this.options.segmentBytes) await this.beginSegment();
		const { frames } = this;
		const ends = [...this.ends];
		const firstOffsets: number[] = [];
		frames.clear();
		for (const { lane, count, text } of batch) {
			const firstOffset = ends[lane] as number;
			firstOffsets.push(firstOffset);
			frames.add({ lane, firstOffset, count, text });
			ends[lane] = firstOffset + count;
		}
		const { position } = this.writer;
		await this.writer.write(frames.written());
		(this.segments.at(-1) as Segment).note(position, this.ends);
		for (const [lane, end] of ends.entries()) this.ends[lane] = end;
		return firstOffsets;
	}

	/** The stored batches that overlap [from, to), oldest first. */
	batches(lane: number, from: number, to: number): readonly StoredBatch[] {
		const { segments } = this;
		let i = segments.length - 1;
		while (i > 0 && ((segments[i] as Segment).title.starts[lane] as number) > from) i -= 1;
		const batches: StoredBatch[] = [];
		for (; i < segments.length; i += 1) {
			const segment = segments[i] as Segment;
			if ((segment.title.starts[lane] as number) >= to) break;
			batches.push(...segment.batches(lane, from, to));
		}
		return batches;
	}

	/** The oldest segment, if nothing has been written to it since that time, ms. Never the last one. */
	oldSegment(unwrittenSinceMs: number): OldSegment | null {
		const [oldest, next] = this.segments;
		if (oldest === undefined || next === undefined) return null;
		if (statSync(oldest.path).mtimeMs > unwrittenSinceMs) return null;
		const { number, path, title } = oldest;
		return { number, path, logId: this.logId, starts: title.starts, ends: next.title.starts };
	}

	/** Removes what `oldSegment` has given; durable when it resolves. */
	async remove({ number }: OldSegment): Promise<void> {
		const [oldest, next] = this.segments;
		invariant(oldest?.number === number && next !== undefined, "the oldest goes, never the last");
		this.segments.shift();
		oldest.close();
		unlinkSync(oldest.path);
		// One by one: after a power cut a removed one may be there again, and none after it be missing.
		await syncFolder(this.options.folder, this.descriptors);
	}

	/** After the last `append`. */
	async close(): Promise<void> {
		await this.writer.close();
		for (const segment of this.segments) segment.close();
		this.descriptors.end();
	}

	private async beginSegment(): Promise<void> {
		const { number, title } = this.segments.at(-1) as Segment;
		const next = { ...title, starts: [...this.ends] };
		const { descriptors } = this;
		const { folder, disk } = this.options;
		const segment = await makeSegment(folder, number + 1, next, descriptors);
		const before = this.writer;
		// It is tried again and again: where descriptors are short, it must not take what is left of them.
		try {
			this.writer = new SegmentWriter(segment.path, segment.begin(), disk, descriptors.open);
		} catch (error) {
			segment.close();
			descriptors.refill();
			throw error;
		}
		this.segments.at(-1)?.close();
		descriptors.refill();
		this.segments.push(segment);
		await before.close();
		descriptors.refill();
	}
}

/** The segments of a folder, oldest first, without one whose making was cut off. */
function openSegments(options: SegmentedLogOptions): Segment[] {
	const { folder } = options;
	const numbers = readdirSync(folder)
		.map(segmentNumber)
		.filter((number) => number !== null)
		.sort((a, b) => a - b);
	const segments: Segment[] = [];
	for (const [i, number] of numbers.entries()) {
		const segment = Segment.open(folder, number);
		if (segment === null) {
			const name = segmentName(number);
			const isLast = i === numbers.length - 1;
			if (isLast && isTitleAtMost(join(folder, name), segments.at(-1), options)) continue;
			throw new InvariantViolation(
				`${name} of the log in ${folder} is damaged, its title cannot be read: see docs/runbooks/log-lost.md`,
			);
		}
		// There may be more of them than descriptors.
		segments.at(-1)?.close();
		segments.push(segment);
	}
	checkSameLog(segments, folder);
	for (const [i, { number }] of segments.entries()) {
		const before = segments[i - 1]?.number ?? number - 1;
		invariant(number === before + 1, `the log in ${folder} lacks segment ${before + 1}`);
	}
	return segments;
}

/** Whether nothing but its title can have been written of a file that follows another: it is not longer than that. */
function isTitleAtMost(
	path: string,
	before: Segment | undefined,
	options: SegmentedLogOptions,
): boolean {
	const { lanes, partitions } = options;
	const starts =
		before === undefined ? new Array<number>(lanes).fill(0) : walkLast(before, lanes).starts;
	const title = titleOf(partitions, starts);
	return statSync(path).size <= HEAD_BYTES + JSON.stringify(title).length;
}

/** The title of a log's first file, with a new identity. */
function titleOf(partitions: number, starts: readonly number[]): SegmentTitle {
	return { version: VERSION, logId: crypto.randomUUID(), partitions, starts };
}

/** With its title, and its name in the folder, on the disk. */
async function makeSegment(
	folder: string,
	number: number,
	title: SegmentTitle,
	descriptors: KeptDescriptors,
): Promise<Segment> {
	const frames = new FrameWriter();
	frames.add({ lane: TITLE_LANE, firstOffset: 0, count: 1, text: JSON.stringify(title) });
	const file = descriptors.open(join(folder, segmentName(number)), "w");
	try {
		await writeWhole(file, frames.written());
		await syncWhole(file);
	} finally {
		descriptors.close(file);
	}
	await syncFolder(folder, descriptors);
	const segment = Segment.open(folder, number, descriptors.open);
	invariant(segment !== null, `segment ${number} in ${folder} cannot be read back`);
	return segment;
}

/** Where the last segment ends: behind its last whole frame. */
function walkLast(segment: Segment, lanes: number) {
	const ends = [...segment.title.starts];
	return segment.walk((reader, position, head) => {
		if (!reader.isWhole(position, head)) return false;
		const { lane, firstOffset, count } = head;
		if (lane >= lanes || firstOffset !== ends[lane]) {
			throw new InvariantViolation(`${segment.path} has a frame out of place at byte ${position}`);
		}
		ends[lane] = firstOffset + count;
		return true;
	});
}

function checkTitle({ version, partitions }: SegmentTitle, options: SegmentedLogOptions): void {
	const { folder } = options;
	if (version !== VERSION) {
		throw new Error(`the log ${folder} is of version ${version}; this program reads ${VERSION}`);
	}
	if (partitions === options.partitions) return;
	throw new SettingsError(
		`PARTITIONS=${options.partitions}: the log ${folder} was made with ${partitions} partitions and cannot be ` +
			`opened with ${options.partitions}: their number is fixed when a venue begins`,
	);
}

/** Files were put back, beside some of another log: which of the two is the right one nobody knows here. */
function checkSameLog(segments: readonly Segment[], folder: string): void {
	const [first] = segments;
	const other = segments.find(({ title }) => title.logId !== first?.title.logId);
	if (first === undefined || other === undefined) return;
	const [one, two] = [first, other].map(
		({ number, title }) => `${segmentName(number)} is of ${title.logId}`,
	);
	throw new Error(`the log in ${folder} has files of two logs: ${one}, ${two}`);
}

async function syncFolder(folder: string, descriptors: KeptDescriptors): Promise<void> {
	const directory = descriptors.open(folder, "r");
	try {
		await syncWhole(directory);
	} finally {
		descriptors.close(directory);
	}
}

/** What a killed process has written may not be on the disk yet. */
function sync(path: string): void {
	const fd = openSync(path, "r");
	fsyncSync(fd);
	closeSync(fd);
}
