import type { BookKind } from "../../engine/book.ts";
import { Engine, type EngineOptions } from "../../engine/engine.ts";
import type { FrozenState } from "../../engine/frozen-state.ts";
import { invariant } from "../../schemas/invariant.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { RunningHash } from "../../schemas/running-hash.ts";
import { wholeObject } from "../shared/whole-object.ts";
import { type PartitionMarks, PartitionState } from "./partition-state.ts";
import type { LastPublished } from "./published-records.ts";

/**
 * A snapshot is due after so many lines, or after some time with any. The lines after the last one are replayed at
 * a start, 30,000 in a second; taking one costs time, the more the larger it is. So a small one is taken often, and
 * one that grows with the books as seldom as they have orders.
 */
const LINES = { least: 50_000, most: 200_000 } as const;
/** An order takes 14 to 20 bytes. */
const BYTES_PER_LINE = 14;

/** After how many lines the next snapshot is due, when the last one had so many bytes. */
export function linesUntilSnapshot(bytes: number): number {
	return Math.min(LINES.most, Math.max(LINES.least, bytes / BYTES_PER_LINE));
}

/** A snapshot of another format is passed over, never guessed at. */
const FORMAT = 2;

/** Where a partition stands in both topics, with everything needed to go on from there. */
interface SnapshotHeader {
	readonly format: number;
	readonly logId: string;
	/** `orders` offset of the next line to take. */
	readonly ordersOffset: number;
	/** `trades` offset at or before the record after `marks.evSeq`, unless another worker was ahead. */
	readonly tradesOffset: number;
	/** Over the engine and the marks: two workers that stand at the same place have the same. */
	readonly hash: string;
	readonly marks: PartitionMarks;
}

export interface Restored {
	readonly state: PartitionState;
	readonly ordersOffset: number;
	readonly tradesOffset: number;
}

/** Snapshots kept, the newest included; retention of the log counts on two. */
const KEPT = 2;

function prefixOf(partition: number): string {
	return `matching/${partition}/`;
}

/** Orders written between two turns of everything else: a millisecond's worth. */
const ORDERS_IN_PIECE = 2_000;

/**
 * Writes a snapshot and drops all but the two newest; gives its size in bytes. The state is frozen before the first
 * await, and written by and by.
 */
export async function writeSnapshot(
	archive: Archive,
	scheduler: Scheduler,
	logId: string,
	state: PartitionState,
	ordersOffset: number,
	tradesOffset: number,
): Promise<number> {
	const marks = state.marks();
	const { body, stateHash } = await written(state.engine.freeze(), scheduler);
	const header: SnapshotHeader = {
		format: FORMAT,
		logId,
		ordersOffset,
		tradesOffset,
		hash: hashOf(stateHash, marks),
		marks,
	};
	const bytes = joined(JSON.stringify(header), body);
	const prefix = prefixOf(marks.partition);
	await archive.put(prefix + String(marks.evSeq).padStart(16, "0"), bytes);
	const names = await archive.list(prefix);
	for (const name of names.slice(0, -KEPT)) await archive.delete(name);
	return bytes.length;
}

/** A state's snapshot in pieces, with its hash; others have their turn after each. */
async function written(
	frozen: FrozenState,
	scheduler: Scheduler,
): Promise<{ body: readonly Uint8Array[]; stateHash: string }> {
	const body: Uint8Array[] = [];
	const hash = new RunningHash();
	for (const piece of frozen.pieces(ORDERS_IN_PIECE)) {
		body.push(piece);
		hash.addAll(piece);
		await new Promise<void>((resolve) => scheduler.soon(resolve));
	}
	return { body, stateHash: hash.digest() };
}

/**
 * The newest good snapshot of this log whose evSeq is in `trades` already; null when there is none. Whether
 * it is of what `trades` says, the comparison of the next record tells, or here where there is none.
 *
 * @param published the last record that `trades` holds
 * @param onSkipped told of each newer one that is of no use, and why
 * @throws InvariantViolation when a snapshot does not restore to what it was taken of
 */
export async function readSnapshot(
	archive: Archive,
	logId: string,
	{ partition, book, newestVersion }: EngineOptions,
	published: LastPublished,
	onSkipped: (name: string, why: string) => void,
): Promise<Restored | null> {
	const names = await archive.list(prefixOf(partition));
	for (const name of [...names].reverse()) {
		const bytes = await wholeObject(archive, name);
		const fault = bytes === null ? "damaged" : faultOf(split(bytes).header, logId, published);
		if (bytes === null || fault !== null) {
			onSkipped(name, fault ?? "");
			continue;
		}
		const { header, body } = split(bytes);
		const { marks, ordersOffset, tradesOffset } = header;
		const engine = restored(body, book, newestVersion);
		if (typeof engine === "string") {
			onSkipped(name, engine);
			continue;
		}
		invariant(
			hashOf(engine.stateHash(), marks) === header.hash,
			`snapshot ${name} does not restore to what it was taken of`,
		);
		return { state: new PartitionState(marks, engine), ordersOffset, tradesOffset };
	}
	return null;
}

/** The engine, or why this version cannot read it. */
function restored(body: Uint8Array, book: BookKind, newestVersion?: number): Engine | string {
	try {
		return Engine.restore(body, book, newestVersion);
	} catch (error) {
		if (error instanceof RangeError) return error.message;
		throw error;
	}
}

/**
 * From where each snapshot that is good by the same rule reads both topics on; the oldest first. Retention
 * leaves the log from there.
 */
export async function snapshotPositions(
	archive: Archive,
	logId: string,
	partition: number,
	published: LastPublished,
): Promise<readonly Omit<Restored, "state">[]> {
	const positions: Omit<Restored, "state">[] = [];
	for (const each of await archive.list(prefixOf(partition))) {
		const bytes = await wholeObject(archive, each);
		if (bytes === null) continue;
		const { header } = split(bytes);
		const { ordersOffset, tradesOffset } = header;
		if (faultOf(header, logId, published) === null) positions.push({ ordersOffset, tradesOffset });
	}
	return positions;
}

/** Why a whole snapshot is not to be started from; null when it is. */
function faultOf(header: SnapshotHeader, logId: string, published: LastPublished): string | null {
	if (header.format !== FORMAT) return "of another format";
	if (header.logId !== logId) return "of another log";
	const { evSeq, hash } = header.marks;
	if (evSeq > published.evSeq) return "ahead of trades";
	return evSeq === published.evSeq && hash !== published.hash ? "not what trades says" : null;
}

function hashOf(stateHash: string, marks: PartitionMarks): string {
	const hash = new RunningHash();
	for (const n of [marks.partition, marks.ts, marks.evSeq]) hash.add(n);
	hash.addText(marks.hash);
	for (const { shard, epoch, seq } of marks.shards) hash.addAll([shard, epoch, seq]);
	hash.addText(stateHash);
	return hash.digest();
}

function joined(header: string, body: readonly Uint8Array[]): Uint8Array {
	const head = new TextEncoder().encode(header);
	const length = body.reduce((sum, piece) => sum + piece.length, 4 + head.length);
	const bytes = new Uint8Array(length);
	new DataView(bytes.buffer).setUint32(0, head.length, true);
	let at = 4;
	for (const piece of [head, ...body]) {
		bytes.set(piece, at);
		at += piece.length;
	}
	return bytes;
}

function split(bytes: Uint8Array): { header: SnapshotHeader; body: Uint8Array } {
	const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
	const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
	return { header, body: bytes.slice(4 + length) };
}
