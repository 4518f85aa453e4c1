import {
	closeSync,
	existsSync,
	fstatSync,
	fsyncSync,
	openSync,
	readSync,
	writeSync,
} from "node:fs";

/** Read at once. */
const CHUNK_BYTES = 1 << 20;

/** What stood behind the place where a file was cut, in a file of its own. */
export interface CutOff {
	readonly path: string;
	readonly bytes: number;
}

/**
 * Keeps what stands in a file from a place on, without the zeros at its end, before it is cut off there. After a
 * power cut that is the rest of a write that nobody was told of. But where the disk has damaged what was written
 * before, it is all that there is of what followed.
 *
 * @returns null when there are only zeros
 * @throws Error what the file system says: then it must not be cut
 */
export function keepCutOff(path: string, position: number): CutOff | null {
	const from = openSync(path, "r");
	try {
		const bytes = endOfBytes(from, position) - position;
		if (bytes === 0) return null;
		const kept = freeName(`${path}.cut-off-${position}`);
		copy(from, position, bytes, kept);
		return { path: kept, bytes };
	} finally {
		closeSync(from);
	}
}

/** Behind the last byte that is not zero; the place itself when there is none. */
function endOfBytes(fd: number, position: number): number {
	const chunk = Buffer.alloc(CHUNK_BYTES);
	const zeros = Buffer.alloc(CHUNK_BYTES);
	for (let end = fstatSync(fd).size; end > position; ) {
		const length = Math.min(CHUNK_BYTES, end - position);
		readSync(fd, chunk, 0, length, end - length);
		if (chunk.compare(zeros, 0, length, 0, length) !== 0) {
			let last = length - 1;
			while (chunk[last] === 0) last -= 1;
			return end - length + last + 1;
		}
		end -= length;
	}
	return position;
}

/** An earlier one of the same place stays. */
function freeName(name: string): string {
	for (let n = 1; ; n += 1) {
		const free = n === 1 ? name : `${name}-${n}`;
		if (!existsSync(free)) return free;
	}
}

/** Durable when it returns. */
function copy(from: number, position: number, bytes: number, path: string): void {
	const to = openSync(path, "wx");
	try {
		const chunk = Buffer.alloc(CHUNK_BYTES);
		for (let done = 0; done < bytes; ) {
			const read = readSync(from, chunk, 0, Math.min(CHUNK_BYTES, bytes - done), position + done);
			done += writeSync(to, chunk, 0, read);
		}
		fsyncSync(to);
	} finally {
		closeSync(to);
	}
}
