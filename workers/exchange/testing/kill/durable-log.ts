import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLog } from "../../../../db/log/file-log.ts";
import { systemScheduler } from "../../../../db/machine/system-time.ts";
import { RefereedLog } from "./refereed-log.ts";

/** The log as a dead exchange left it on the disk, before the referee. */
export class DurableLog {
	private readonly dataDir: string;
	private readonly refereed = new RefereedLog();

	constructor(dataDir: string) {
		this.dataDir = dataDir;
	}

	/** Client ids of the orders in it. */
	get placed(): ReadonlySet<string> {
		return this.refereed.placed;
	}

	get records(): number {
		return this.refereed.records;
	}

	/**
	 * Reads on from where it was; what is wrong with what it read. From a copy: the next start shall find
	 * the files as the crash left them.
	 */
	async faults(): Promise<string[]> {
		const folder = mkdtempSync(join(tmpdir(), "castle-log-"));
		cpSync(join(this.dataDir, "log"), folder, { recursive: true });
		const log = await openFileLog({ folder, partitions: 1, scheduler: systemScheduler });
		try {
			return await this.refereed.faults(log.orders, log.trades);
		} finally {
			await log.close();
			rmSync(folder, { recursive: true });
		}
	}
}
