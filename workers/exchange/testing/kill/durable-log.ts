import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLog } from "../../../../db/log/file-log.ts";
import { systemScheduler } from "../../../../db/machine/system-time.ts";
import { CommandKind, type OrdersRecord } from "../../../../schemas/command.ts";
import type { Log } from "../../../../schemas/ports/log.ts";
import { Referee } from "../../simulation/referee/referee.ts";
import { Tally } from "../../simulation/tally.ts";

const AT_ONCE = 10_000;

/**
 * The log as a dead exchange left it on the disk, read by the simulation's referee: invariants 5 to 11,
 * 14, 20 and 22 of everything that was ever written.
 */
export class DurableLog {
	/** Client ids of the orders in it. */
	readonly placed = new Set<string>();
	records = 0;
	private readonly dataDir: string;
	private readonly found: string[] = [];
	private readonly referee = new Referee((text) => this.found.push(text), new Tally());
	private readonly next = new Map<string, number>();

	constructor(dataDir: string) {
		this.dataDir = dataDir;
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
			await this.read(log.orders, (record) => this.ordered(record));
			await this.read(log.trades, (record) => this.referee.traded(record.partition, record));
		} finally {
			await log.close();
			rmSync(folder, { recursive: true });
		}
		return this.found.splice(0);
	}

	private async read<R>(topic: Log<R>, take: (record: R) => void): Promise<void> {
		let next = this.next.get(topic.topic) ?? 0;
		for (;;) {
			const entries = await topic.read(0, next, AT_ONCE);
			if (entries.length === 0) break;
			for (const { record } of entries) take(record);
			this.records += entries.length;
			next += entries.length;
		}
		this.next.set(topic.topic, next);
	}

	private ordered(record: OrdersRecord): void {
		this.referee.ordered(0, record);
		const { command } = record;
		if (command?.kind === CommandKind.PlaceOrder) this.placed.add(command.clientOrderId);
	}
}
