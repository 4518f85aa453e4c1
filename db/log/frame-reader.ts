import { fstatSync, readSync } from "node:fs";
import { type FrameHead, HEAD_BYTES, headAt, isWhole, linesAt } from "./frame.ts";

/** Read at once while going through a file. */
const WINDOW_BYTES = 1 << 18;

/** Goes through the frames of a file, from any of them on. */
export class FrameReader {
	private readonly fd: number;
	/** Where in the file the window begins. */
	private windowAt = 0;
	private window = Buffer.alloc(0);

	constructor(fd: number) {
		this.fd = fd;
	}

	/** The head at that place; null at the end of what was written. */
	head(position: number): FrameHead | null {
		const at = this.look(position, HEAD_BYTES);
		return at === null ? null : headAt(this.window, at);
	}

	/** Whether the frame is as it was written. */
	isWhole(position: number, head: FrameHead): boolean {
		const at = this.look(position, HEAD_BYTES + head.bytes);
		return at !== null && isWhole(this.window, at, head);
	}

	/** The frame's records, one per line; null when it is not as it was written. */
	lines(position: number, head: FrameHead): readonly string[] | null {
		const at = this.look(position, HEAD_BYTES + head.bytes);
		return at !== null && isWhole(this.window, at, head) ? linesAt(this.window, at, head) : null;
	}

	/** Where these bytes stand in the window; null when the file ends before them. */
	private look(position: number, bytes: number): number | null {
		const at = position - this.windowAt;
		if (at >= 0 && at + bytes <= this.window.length) return at;
		// What a crash left may say anything of its length.
		if (bytes > WINDOW_BYTES && position + bytes > fstatSync(this.fd).size) return null;
		const wanted = Buffer.allocUnsafe(Math.max(bytes, WINDOW_BYTES));
		const read = readSync(this.fd, wanted, 0, wanted.length, position);
		this.window = wanted.subarray(0, read);
		this.windowAt = position;
		return read >= bytes ? 0 : null;
	}
}
