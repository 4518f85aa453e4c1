import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Twenty a second tell enough, and cost the disk little. */
const EVERY_MS = 50;

/**
 * How long 4 KiB and an fdatasync take beside the load, on the disk that the log is on: every durable
 * figure stands on it.
 */
export class FsyncProbe {
	private readonly file: string;
	private readonly fd: number;
	private readonly timer: ReturnType<typeof setInterval>;
	private readonly page = new Uint8Array(4_096);
	private readonly took: number[] = [];

	constructor(folder: string) {
		this.file = join(folder, "fsync-probe");
		this.fd = openSync(this.file, "w");
		this.timer = setInterval(() => this.once(), EVERY_MS);
	}

	/** Forgets what was measured so far. */
	reset(): void {
		this.took.length = 0;
	}

	/** Milliseconds. */
	percentiles(): { readonly p50Ms: number; readonly p99Ms: number } {
		const sorted = [...this.took].sort((a, b) => a - b);
		const at = (p: number) =>
			sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0;
		return { p50Ms: at(0.5), p99Ms: at(0.99) };
	}

	stop(): void {
		clearInterval(this.timer);
		closeSync(this.fd);
		rmSync(this.file);
	}

	private once(): void {
		const from = performance.now();
		writeSync(this.fd, this.page, 0, this.page.length, 0);
		fdatasyncSync(this.fd);
		this.took.push(performance.now() - from);
	}
}
