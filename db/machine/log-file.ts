import {
	closeSync,
	constants,
	fstatSync,
	openSync,
	renameSync,
	statSync,
	write,
	writeSync,
} from "node:fs";

/** Beyond this a file is set aside; with the one before it, the log never takes more than twice that. */
const MAX_BYTES = 128 * 1024 * 1024;
/** Text that waits for a slow disk; what comes beyond it is lost. */
const MAX_WAITING = 32 * 1024 * 1024;

interface Chunk {
	readonly fd: number;
	readonly bytes: Uint8Array;
	/** Where in the file it stands. */
	readonly at: number;
}

/**
 * A log file that cannot fill the disk: when it is large it becomes `NAME.1`, in place of the last one.
 * What the disk does not take is lost, and the log says so as soon as it can: an exchange does not end
 * because nobody can read of it.
 */
export class LogFile {
	private readonly path: string;
	private readonly maxBytes: number;
	private fd: number | null = null;
	/** Writes that failed since the last that did not. */
	private lost = 0;
	private waiting: string[] = [];
	private waitingLength = 0;
	/** What is being written off this thread. */
	private underWay: Chunk | null = null;
	/** Writes that the system has not done yet, and files to be closed after them. */
	private flying = 0;
	private retired: number[] = [];

	constructor(path: string, maxBytes: number = MAX_BYTES) {
		this.path = path;
		this.maxBytes = maxBytes;
	}

	/** Writes whole lines before it returns, after all that was given before. */
	write(text: string): void {
		this.waiting.push(text);
		this.finish();
	}

	/** Writes whole lines off this thread, in the order in which they come. */
	writeSoon(text: string): void {
		if (this.waitingLength + text.length > MAX_WAITING) {
			this.lost += 1;
			return;
		}
		this.waiting.push(text);
		this.waitingLength += text.length;
		if (this.underWay === null) this.startWrite();
	}

	/** Everything that was given is in the file when this returns: the process may end. */
	finish(): void {
		// It may be done, half done or not begun: the same bytes at the same place do no harm.
		const begun = this.underWay;
		this.underWay = null;
		if (begun !== null) this.writeNow(() => begun);
		if (this.waiting.length > 0) this.writeNow(() => this.nextChunk());
	}

	private startWrite(): void {
		let chunk: Chunk;
		try {
			chunk = this.nextChunk();
		} catch {
			this.lost += 1;
			return;
		}
		this.underWay = chunk;
		this.flying += 1;
		const { fd, bytes, at } = chunk;
		write(fd, bytes, 0, bytes.length, at, (error, written) => {
			this.flying -= 1;
			this.closeRetired();
			// Somebody who could not wait has seen to it.
			if (this.underWay !== chunk) return;
			this.underWay = null;
			this.lost = error === null && written === bytes.length ? 0 : this.lost + 1;
			if (this.waiting.length > 0) this.startWrite();
		});
	}

	private writeNow(next: () => Chunk): void {
		try {
			const { fd, bytes, at } = next();
			writeSync(fd, bytes, 0, bytes.length, at);
			this.lost = 0;
		} catch {
			this.lost += 1;
		}
	}

	/** All that waits, at the end of the file; that is set aside first when it would grow too large. */
	private nextChunk(): Chunk {
		const text = this.waiting.join("");
		this.waiting = [];
		this.waitingLength = 0;
		const bytes = Buffer.from(this.lost === 0 ? text : `${this.lossLine()}${text}`);
		const end = this.open();
		if (end.at === 0 || end.at + bytes.length <= this.maxBytes) return { ...end, bytes };
		renameSync(this.path, `${this.path}.1`);
		return { ...this.open(), bytes };
	}

	/** The end of the file that the path names now: it may have been moved away, by us or by another. */
	private open(): { readonly fd: number; readonly at: number } {
		const named = statSync(this.path, { throwIfNoEntry: false });
		if (this.fd !== null) {
			const own = fstatSync(this.fd);
			if (named !== undefined && named.ino === own.ino) return { fd: this.fd, at: own.size };
			this.retired.push(this.fd);
			this.fd = null;
			this.closeRetired();
		}
		this.fd = openSync(this.path, constants.O_WRONLY | constants.O_CREAT, 0o666);
		return { fd: this.fd, at: fstatSync(this.fd).size };
	}

	/** Not before the last write to any of them: its number would be another file's by then. */
	private closeRetired(): void {
		if (this.flying > 0) return;
		for (const fd of this.retired) closeSync(fd);
		this.retired = [];
	}

	private lossLine(): string {
		const message = "lines before this one could not be written";
		// The first may have been cut off in the middle of a line.
		return `\n${JSON.stringify({ level: "warn", message, writes: this.lost })}\n`;
	}
}
