import { statfsSync } from "node:fs";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { metricText } from "../../schemas/prometheus-text.ts";

const LOOK_EVERY_MS = 1_000;
/** It has room again this much below the limit, so that it does not go to and fro. */
const MARGIN_PERCENT = 1;

export interface DiskWatchOptions {
	readonly folder: string;
	/** New orders are refused from here on. */
	readonly fullPercent: number;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	/** Tells whoever watches, too: what the logger writes may be on the same disk. */
	readonly say: (what: string) => void;
	/** How full the disk of a folder is; the machine's own when absent. */
	readonly usedPercent?: (folder: string) => number;
}

/** Looks after the disk that the log is on: a full one must refuse, never corrupt. */
export class DiskWatch {
	private readonly options: DiskWatchOptions;
	private readonly cancel: Cancel;
	private percent = 0;
	private full = false;

	constructor(options: DiskWatchOptions) {
		this.options = options;
		this.look();
		this.cancel = options.scheduler.every(LOOK_EVERY_MS, () => this.look());
	}

	/** Whether there is room for new orders. Cancels go on without: what they write is little. */
	hasRoom(): boolean {
		return !this.full;
	}

	/** Prometheus lines. */
	metrics(): string {
		return [
			metricText("castle_disk_used_ratio", "How full the disk of DATA_DIR is, 0 to 1.", [
				["", this.percent / 100],
			]),
			metricText(
				"castle_disk_full",
				"1: so full that new orders are refused (DISK_FULL_PERCENT).",
				[["", this.full ? 1 : 0]],
			),
		].join("");
	}

	stop(): void {
		this.cancel();
	}

	private look(): void {
		const { folder, fullPercent, logger, say, usedPercent = usedPercentOf } = this.options;
		this.percent = usedPercent(folder);
		const limit = this.full ? fullPercent - MARGIN_PERCENT : fullPercent;
		const full = this.percent >= limit;
		if (full === this.full) return;
		this.full = full;
		const percent = Math.round(this.percent);
		const fields = { folder, usedPercent: percent, fullPercent };
		const setting = `DISK_FULL_PERCENT=${fullPercent}`;
		if (full) {
			logger.error("the disk is nearly full: new orders are refused, cancels go on", fields);
			say(`the disk is ${percent} % full: new orders are refused (${setting})`);
		} else {
			logger.info("the disk has room again: new orders are taken", fields);
			say(`the disk is ${percent} % full: new orders are taken again (${setting})`);
		}
	}
}

/** As `df` has it: of what an ordinary user may use. */
function usedPercentOf(folder: string): number {
	const { blocks, bfree, bavail } = statfsSync(folder);
	const used = blocks - bfree;
	return (100 * used) / Math.max(1, used + bavail);
}
