import { closeSync, openSync } from "node:fs";

/** A file's descriptor, by its path and flags; throws what the file system says. */
export type OpenFile = (path: string, flags: string | number) => number;

/** Twice what beginning a file of the log takes: where one is lost to another thread, it still begins. */
const KEPT = 8;

/**
 * Descriptors kept for files that must be opened when no more are to be had: how many connections strangers open
 * is theirs to say, and each takes one of those that a process may have (`ulimit -n`).
 */
export class KeptDescriptors {
	private readonly kept: number[] = [];

	/**
	 * Opens a file, in the place of a kept one: no connection is accepted between the two.
	 *
	 * @throws Error what the file system says
	 */
	readonly open: OpenFile = (path, flags) => {
		const kept = this.kept.pop();
		if (kept !== undefined) closeSync(kept);
		try {
			return openSync(path, flags);
		} catch (error) {
			this.refill();
			throw error;
		}
	};

	/** Closes a file, and keeps its descriptor if one is missing. */
	close(fd: number): void {
		closeSync(fd);
		this.refill();
	}

	/** Keeps as many as are missing and can be had: at first, and after others have closed what `open` gave them. */
	refill(): void {
		try {
			while (this.kept.length < KEPT) this.kept.push(openSync("/dev/null", "r"));
		} catch {
			// There are no more for now.
		}
	}

	/** Gives them back. */
	end(): void {
		for (const fd of this.kept.splice(0)) closeSync(fd);
	}
}
