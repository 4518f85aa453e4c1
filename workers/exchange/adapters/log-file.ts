import { appendFileSync, existsSync, renameSync, statSync } from "node:fs";

/** Beyond this a file is set aside; with the one before it, the log never takes more than twice that. */
const MAX_BYTES = 128 * 1024 * 1024;

/** A log file that cannot fill the disk: when it is large it becomes `NAME.1`, in place of the last one. */
export class LogFile {
	private readonly path: string;
	private readonly maxBytes: number;
	private bytes: number;
	/** Writes that failed since the last that did not. */
	private lost = 0;

	constructor(path: string, maxBytes: number = MAX_BYTES) {
		this.path = path;
		this.maxBytes = maxBytes;
		this.bytes = existsSync(path) ? statSync(path).size : 0;
	}

	/**
	 * Appends whole lines. What the disk does not take is lost, and the log says so as soon as it can: an
	 * exchange does not end because nobody can read of it.
	 */
	write(text: string): void {
		try {
			this.append(this.lost === 0 ? text : `${this.lossLine()}${text}`);
			this.lost = 0;
		} catch {
			this.lost += 1;
		}
	}

	private append(text: string): void {
		if (this.bytes > 0 && this.bytes + text.length > this.maxBytes) {
			renameSync(this.path, `${this.path}.1`);
			this.bytes = 0;
		}
		appendFileSync(this.path, text);
		this.bytes += text.length;
	}

	private lossLine(): string {
		const message = "lines before this one could not be written";
		// The first may have been cut off in the middle of a line.
		return `\n${JSON.stringify({ level: "warn", message, writes: this.lost })}\n`;
	}
}
