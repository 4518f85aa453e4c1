import { CommandKind, type OrdersRecord, VENUE_SHARD } from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import type { Log, LogEntry, StopFollowing } from "../../../schemas/ports/log.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import { isTraced, traceOf } from "../../../schemas/trace.ts";

/**
 * A topic of the log that says which sampled commands passed through it here: written, stored, read. A
 * command goes by the same name in `orders` and `trades`, so its lines of all processes belong together.
 */
export class TracedLog<R extends OrdersRecord | EventRecord> implements Log<R> {
	readonly topic: string;
	readonly partitions: number;
	readonly logId: string;
	private readonly log: Log<R>;
	private readonly logger: Logger;
	private readonly oneIn: number;

	constructor(log: Log<R>, logger: Logger, oneIn: number) {
		this.log = log;
		this.topic = log.topic;
		this.partitions = log.partitions;
		this.logId = log.logId;
		this.logger = logger;
		this.oneIn = oneIn;
	}

	async append(partition: number, records: readonly R[]): Promise<number> {
		const first = await this.log.append(partition, records);
		this.trace(partition, records, "stored");
		return first;
	}

	end(partition: number): Promise<number> {
		return this.log.end(partition);
	}

	read(partition: number, from: number, limit: number): Promise<readonly LogEntry<R>[]> {
		return this.log.read(partition, from, limit);
	}

	follow(
		partition: number,
		from: number,
		deliver: (entries: readonly LogEntry<R>[]) => void,
	): StopFollowing {
		return this.log.follow(partition, from, (entries) => {
			this.trace(
				partition,
				entries.map(({ record }) => record),
				"read",
			);
			deliver(entries);
		});
	}

	private trace(partition: number, records: readonly R[], step: string): void {
		for (const record of records) {
			if (record.command === null || record.shard === VENUE_SHARD) continue;
			const { shard, seq, epoch, command } = record as R & { readonly seq: number };
			if (command?.kind === CommandKind.Beat || !isTraced(seq, this.oneIn)) continue;
			this.logger.info("trace", {
				trace: traceOf(partition, shard, seq),
				...{ epoch, topic: this.topic, step },
			});
		}
	}
}
