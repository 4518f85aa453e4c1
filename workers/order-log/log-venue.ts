import { VENUE_SHARD } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Log, LogEntry } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { patient } from "../protocol/patience.ts";

/** Lines read at a time. */
const CHUNK = 1_000;

/**
 * The venue's symbols for a reader of `trades` alone: as the ledger has them, then as the log goes on. A
 * symbol stays what it is and in its partition, so it does no harm to know of one too early.
 */
export class LogVenue {
	readonly config: VenueConfig;
	/** By partition: the offset in `trades` up to which the ledger knew everything. */
	private readonly offsets: ReadonlyMap<number, number>;
	private readonly trades: Log<EventRecord>;

	private constructor(
		config: VenueConfig,
		offsets: ReadonlyMap<number, number>,
		trades: Log<EventRecord>,
	) {
		this.config = config;
		this.offsets = offsets;
		this.trades = trades;
	}

	/** @throws LedgerUnavailable */
	static async load(
		ledger: Ledger,
		trades: Log<EventRecord>,
		scheduler: Scheduler,
	): Promise<LogVenue> {
		const { config, positions } = await ledger.load(VENUE_SHARD);
		const offsets = positions.map((p) => [p.partition, p.tradesOffset] as const);
		return new LogVenue(new VenueConfig(config), new Map(offsets), patient(trades, scheduler));
	}

	/** Reads on from the ledger's position to where a follower begins. */
	async readUpTo(partition: number, end: number): Promise<void> {
		let next = this.offsets.get(partition) ?? 0;
		while (next < end) {
			const entries = await this.trades.read(partition, next, Math.min(CHUNK, end - next));
			this.take(entries);
			next += entries.length;
		}
	}

	/** The same topic, whose followers find each symbol known before its first trade. */
	following(): Log<EventRecord> {
		const { trades } = this;
		return {
			...trades,
			follow: (partition, from, deliver) =>
				trades.follow(partition, from, (entries) => {
					this.take(entries);
					deliver(entries);
				}),
		};
	}

	private take(entries: readonly LogEntry<EventRecord>[]): void {
		for (const { record } of entries) {
			if (record.shard !== VENUE_SHARD) continue;
			for (const event of record.events) this.config.hear(event, record.command);
		}
	}
}
