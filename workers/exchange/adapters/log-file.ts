import { appendFileSync, existsSync, renameSync, statSync } from "node:fs";

/** Beyond this a file is set aside; with the one before it, the log never takes more than twice that. */
const MAX_BYTES = 128 * 1024 * 1024;

/** A log file that cannot fill the disk: when it is large it becomes `NAME.1`, in place of the last one. */
export class LogFile {
	private readonly path: string;
	private readonly maxBytes: number;
	private bytes: number;

	constructor(path: string, maxBytes: number = MAX_BYTES) {
		this.path = path;
		this.maxBytes = maxBytes;
		this.bytes = existsSync(path) ? statSync(path).size : 0;
	}

	/** Appends whole lines. */
	write(text: string): void {
		if (this.bytes > 0 && this.bytes + text.length > this.maxBytes) {
			renameSync(this.path, `${this.path}.1`);
			this.bytes = 0;
		}
		appendFileSync(this.path, text);
		this.bytes += text.length;
	}
}
