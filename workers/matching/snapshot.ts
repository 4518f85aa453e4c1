import { type BookKind, Engine } from "../../engine/engine.ts";
import { invariant } from "../../schemas/invariant.ts";
import { type Archive, ArchiveCorrupt } from "../../schemas/ports/archive.ts";
import { type PartitionMarks, PartitionState } from "./partition-state.ts";

/** Where a partition stands in both topics, with everything needed to go on from there. */
interface SnapshotHeader {
	readonly logId: string;
	/** `orders` offset of the next line to take. */
	readonly ordersOffset: number;
	/** `trades` offset at or before the record after `marks.evSeq`. */
	readonly tradesOffset: number;
	readonly stateHash: string;
	readonly marks: PartitionMarks;
}

export interface Restored {
	readonly state: PartitionState;
	readonly ordersOffset: number;
	readonly tradesOffset: number;
}

/** Snapshots kept besides the one being written; retention of the log counts on two. */
const KEPT = 2;

function prefixOf(partition: number): string {
	return `matching/${partition}/`;
}

/** Writes a snapshot and drops all but the newest. The state is copied before the first await. */
export async function writeSnapshot(
	archive: Archive,
	logId: string,
	state: PartitionState,
	ordersOffset: number,
	tradesOffset: number,
): Promise<void> {
	const marks = state.marks();
	const header: SnapshotHeader = {
		logId,
		ordersOffset,
		tradesOffset,
		stateHash: state.engine.stateHash(),
		marks,
	};
	const bytes = joined(JSON.stringify(header), state.engine.snapshot());
	const prefix = prefixOf(marks.partition);
	await archive.put(prefix + String(marks.evSeq).padStart(16, "0"), bytes);
	const names = await archive.list(prefix);
	for (const name of names.slice(0, -KEPT)) await archive.delete(name);
}

/**
 * The newest good snapshot of this log whose evSeq is in `trades` already; null when there is none.
 *
 * @param publishedEvSeq the last evSeq that `trades` holds
 */
export async function readSnapshot(
	archive: Archive,
	logId: string,
	partition: number,
	book: BookKind,
	publishedEvSeq: number,
): Promise<Restored | null> {
	const names = await archive.list(prefixOf(partition));
	for (const name of [...names].reverse()) {
		const bytes = await archive.get(name).catch(nullWhenCorrupt);
		if (bytes === null) continue;
		const { header, body } = split(bytes);
		if (header.logId !== logId || header.marks.evSeq > publishedEvSeq) continue;
		const engine = Engine.restore(body, book);
		invariant(
			engine.stateHash() === header.stateHash,
			`snapshot ${name} does not restore to its state hash`,
		);
		return {
			state: new PartitionState(header.marks, engine),
			ordersOffset: header.ordersOffset,
			tradesOffset: header.tradesOffset,
		};
	}
	return null;
}

/** A snapshot that rotted is no fault while an older one, or the log itself, can stand in. */
function nullWhenCorrupt(error: unknown): null {
	if (error instanceof ArchiveCorrupt) return null;
	throw error;
}

function joined(header: string, body: Uint8Array): Uint8Array {
	const head = new TextEncoder().encode(header);
	const bytes = new Uint8Array(4 + head.length + body.length);
	new DataView(bytes.buffer).setUint32(0, head.length, true);
	bytes.set(head, 4);
	bytes.set(body, 4 + head.length);
	return bytes;
}

function split(bytes: Uint8Array): { header: SnapshotHeader; body: Uint8Array } {
	const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
	const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
	return { header, body: bytes.slice(4 + length) };
}
