import { archiveSegment } from "../../db/log/archive-segment.ts";
import type { FileLog, LogOffsets } from "../../db/log/file-log.ts";
import type { OldSegment } from "../../db/log/segmented-log.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";

const DAY_MS = 86_400_000;
/** How often it looks. */
const EVERY_MS = 3_600_000;

export interface LogRetentionOptions {
	readonly log: Pick<FileLog, "trim">;
	/** The oldest records that a reader may still ask for. */
	readonly needed: () => Promise<LogOffsets>;
	/** A file stays for so long after it was last written, whoever needs it. */
	readonly keepDays: number;
	readonly archive: Archive;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	/** The log is not as it must be. */
	onFatal(error: unknown): void;
}

/**
 * Keeps the log of the exchange in one process from growing for ever: files that nobody needs any more and
 * that are old enough go into the archive, then off the disk. At the start, when every reader has found what
 * it needed, and then by the hour. When anything about it fails, the files stay.
 */
export class LogRetention {
	private readonly options: LogRetentionOptions;
	private cancel: Cancel = () => {};
	private trimming: Promise<void> | null = null;
	private stopped = false;

	constructor(options: LogRetentionOptions) {
		this.options = options;
	}

	start(): void {
		void this.trim();
		this.cancel = this.options.scheduler.every(EVERY_MS, () => void this.trim());
	}

	/** Removes nothing from now on. */
	stop(): void {
		this.stopped = true;
		this.cancel();
	}

	/** One look; resolves when what may go is gone. */
	trim(): Promise<void> {
		this.trimming ??= this.trimNow().finally(() => {
			this.trimming = null;
		});
		return this.trimming;
	}

	private async trimNow(): Promise<void> {
		const { log, needed, clock, keepDays, logger, onFatal } = this.options;
		try {
			await log.trim(clock.nowMs() - keepDays * DAY_MS, needed, (file) => this.keep(file));
		} catch (error) {
			if (this.stopped) return;
			if (error instanceof InvariantViolation) return onFatal(error);
			logger.error("the log could not be trimmed", { error: String(error) });
		}
	}

	private async keep(file: OldSegment): Promise<boolean> {
		if (this.stopped) return false;
		const archived = await archiveSegment(this.options.archive, file);
		if (this.stopped) return false;
		this.options.logger.info("a file of the log goes", { path: file.path, archived });
		return true;
	}
}
