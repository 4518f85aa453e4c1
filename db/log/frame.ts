import { crc32 } from "node:zlib";

/** One append as it stands in a segment: so many records of a lane, one per line, behind a head. */
export interface Frame {
	readonly lane: number;
	readonly firstOffset: number;
	readonly count: number;
	readonly text: string;
}

export type FrameHead = Omit<Frame, "text"> & {
	/** Of the text. */
	readonly bytes: number;
	/** Over the head from `lane` on, and the text. */
	readonly checksum: number;
};

/** u32 bytes | u32 checksum | u32 lane | u32 count | f64 first offset; little-endian. */
export const HEAD_BYTES = 24;
const CHECKED_FROM = 8;

/** The most bytes that a character of a JavaScript string takes in UTF-8. */
const BYTES_PER_CHARACTER = 3;

/** Frames one after the other in a buffer that is reused. */
export class FrameWriter {
	private buffer = Buffer.allocUnsafe(1 << 16);
	private length = 0;

	clear(): void {
		this.length = 0;
	}

	add({ lane, firstOffset, count, text }: Frame): void {
		const at = this.length;
		this.reserve(HEAD_BYTES + text.length * BYTES_PER_CHARACTER);
		const bytes = this.buffer.write(text, at + HEAD_BYTES, "utf8");
		const end = at + HEAD_BYTES + bytes;
		this.buffer.writeUInt32LE(bytes, at);
		this.buffer.writeUInt32LE(lane, at + 8);
		this.buffer.writeUInt32LE(count, at + 12);
		this.buffer.writeDoubleLE(firstOffset, at + 16);
		this.buffer.writeUInt32LE(crc32(this.buffer.subarray(at + CHECKED_FROM, end)), at + 4);
		this.length = end;
	}

	/** Everything since `clear`; good until the next `clear`. */
	written(): Buffer {
		return this.buffer.subarray(0, this.length);
	}

	private reserve(bytes: number): void {
		if (this.length + bytes <= this.buffer.length) return;
		const bigger = Buffer.allocUnsafe(Math.max(this.length + bytes, this.buffer.length * 2));
		this.buffer.copy(bigger, 0, 0, this.length);
		this.buffer = bigger;
	}
}

/** The head at that place; null where no frame begins: there are only zeros. */
export function headAt(buffer: Buffer, at: number): FrameHead | null {
	const bytes = buffer.readUInt32LE(at);
	const checksum = buffer.readUInt32LE(at + 4);
	if (bytes === 0 && checksum === 0) return null;
	return {
		bytes,
		checksum,
		lane: buffer.readUInt32LE(at + 8),
		count: buffer.readUInt32LE(at + 12),
		firstOffset: buffer.readDoubleLE(at + 16),
	};
}

/** Whether the whole frame at that place is as it was written. */
export function isWhole(buffer: Buffer, at: number, head: FrameHead): boolean {
	const end = at + HEAD_BYTES + head.bytes;
	return end <= buffer.length && crc32(buffer.subarray(at + CHECKED_FROM, end)) === head.checksum;
}

/** The records of the frame at that place. */
export function linesAt(buffer: Buffer, at: number, head: FrameHead): readonly string[] {
	const from = at + HEAD_BYTES;
	return buffer.toString("utf8", from, from + head.bytes).split("\n");
}
