import type { EventRecord, LevelChanged } from "../../schemas/event.ts";
import type { AggTrade, Kline, PublicTrade } from "../../schemas/market.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { History, HistoryBatch } from "../../schemas/ports/history.ts";
import type { Log, LogEntry, StopFollowing } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { MarketCache } from "../../schemas/ports/market-cache.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { HistoryWriter, MAX_WAITING_ROWS } from "./history-writer.ts";
import type { MarketOutputs } from "./market-outputs.ts";
import { PartitionMarket } from "./partition-market.ts";
import { Publisher } from "./publisher.ts";
import { encodeSnapshotBehind } from "./snapshot-codec.ts";
import { Snapshots } from "./snapshots.ts";
import type { SymbolMarket } from "./symbol-market.ts";
import { ViewWriter } from "./view-writer.ts";
import { Waits } from "./waits.ts";

/** A snapshot is due after so many records, or after this long if there were any. */
const SNAPSHOT_RECORDS = 50_000;
const SNAPSHOT_EVERY_MS = 30_000;

/** What a follower of one partition needs. */
export interface FollowerPorts {
	readonly log: Log<EventRecord>;
	readonly archive: Archive;
	readonly history: History;
	readonly pubsub: PubSub;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	/** Where readers find books and trades without asking; none where they read them here. */
	readonly cache?: MarketCache;
	/** Instead of the usual time between two snapshots, ms. */
	readonly snapshotEveryMs?: number;
}

/**
 * One partition of `trades`: restores its market from a snapshot, follows the log, and passes what
 * comes of it to History and, once it has caught up, to the streams.
 */
export class PartitionFollower implements MarketOutputs {
	market: PartitionMarket;
	writer: HistoryWriter;
	publisher: Publisher | null = null;
	views: ViewWriter | null = null;
	/** Records applied, and snapshots stored, since the start. */
	applied = 0;
	snapshotsSaved = 0;
	/** Told when assets or symbols may have changed. */
	onVenueChanged: () => void = () => {};
	private readonly partition: number;
	private readonly ports: FollowerPorts;
	private readonly run: string;
	private readonly snapshots: Snapshots;
	private nextOffset = 0;
	private stopFollowing: StopFollowing | null = null;
	private readonly waits: Waits;
	private toldVenueEvSeq = 0;
	private caughtUp: { readonly end: number; readonly resolve: () => void } | null = null;
	private snapshotEvSeq = 0;
	private snapshotMs = 0;
	private saving: Promise<void> | null = null;
	private stopped = false;

	constructor(partition: number, run: string, ports: FollowerPorts) {
		this.partition = partition;
		this.run = run;
		this.ports = ports;
		this.snapshots = new Snapshots(partition, ports);
		this.waits = new Waits(ports.scheduler);
		this.market = new PartitionMarket(partition);
		this.writer = new HistoryWriter(partition, 0, ports);
	}

	/** Resolves when it has applied everything that the log held when it was called. */
	async start(): Promise<void> {
		const { log, history, clock, logger } = this.ports;
		const startedMs = clock.monotonicMs();
		const snapshot = await this.snapshots.newestGood(this.ports.log);
		if (snapshot !== null) {
			this.market = snapshot.market;
			this.nextOffset = snapshot.nextOffset;
		}
		const fromEvSeq = this.market.evSeq;
		this.snapshotEvSeq = fromEvSeq;
		this.snapshotMs = startedMs;
		const written = await history.position(this.partition);
		this.writer = new HistoryWriter(this.partition, written, this.ports);
		this.writer.onWritten = (batch) => this.wrote(batch);
		const end = await log.end(this.partition);
		await this.follow(end);
		this.tellVenue();
		this.publisher = new Publisher(this.market, this.run, this.ports.pubsub, this.ports.scheduler);
		const { cache, scheduler } = this.ports;
		if (cache !== undefined) {
			this.views = new ViewWriter(this.market, this.run, { cache, clock, scheduler });
		}
		logger.info("market data has caught up", {
			partition: this.partition,
			fromEvSeq,
			evSeq: this.market.evSeq,
			ms: Math.round(clock.monotonicMs() - startedMs),
		});
	}

	/** Resolves when it has come so far; rejects when it does not in time. */
	whenAt(evSeq: number): Promise<void> {
		return evSeq <= this.market.evSeq ? Promise.resolve() : this.waits.until(evSeq);
	}

	/** Stops reading, lets History catch up and stores a snapshot. */
	async stop(): Promise<void> {
		this.stopFollowing?.();
		this.stopFollowing = null;
		this.stopped = true;
		this.publisher?.stop();
		this.views?.stop();
		await this.saving;
		const due = this.market.whole && this.market.evSeq > this.snapshotEvSeq;
		if (due) await this.saveBehind();
		this.writer.stop();
	}

	trade(market: SymbolMarket, trade: PublicTrade): void {
		this.writer.trade(trade);
		this.publisher?.trade(market, trade);
	}

	aggTrade(market: SymbolMarket, agg: AggTrade): void {
		this.writer.aggTrade(agg);
		this.publisher?.aggTrade(market, agg);
	}

	levelChanged(market: SymbolMarket, change: LevelChanged): void {
		this.publisher?.levelChanged(market, change);
	}

	barClosed(market: SymbolMarket, kline: Kline, offsetMs: number): void {
		// Empty and shifted bars are derived when they are read.
		if (kline.trades > 0 && offsetMs === 0) this.writer.kline(kline);
		this.publisher?.barClosed(market, kline, offsetMs);
	}

	private follow(end: number): Promise<void> {
		return new Promise((resolve) => {
			this.caughtUp = { end, resolve };
			this.resume();
			this.checkCaughtUp();
		});
	}

	private resume(): void {
		this.stopFollowing = this.ports.log.follow(this.partition, this.nextOffset, (entries) =>
			this.deliver(entries),
		);
	}

	private deliver(entries: readonly LogEntry<EventRecord>[]): void {
		for (const { offset, record } of entries) {
			this.nextOffset = offset + 1;
			if (!this.market.apply(record, this)) continue;
			this.applied += 1;
			this.writer.reach(record.evSeq);
		}
		this.waits.reached(this.market.evSeq);
		this.tellVenue();
		this.pauseWhenBehind();
		this.checkCaughtUp();
		if (this.snapshotDue()) void this.saveBehind();
	}

	private tellVenue(): void {
		if (this.toldVenueEvSeq === this.market.venueEvSeq) return;
		this.toldVenueEvSeq = this.market.venueEvSeq;
		this.onVenueChanged();
	}

	/** History too far behind: read on when it has caught up, rather than gather rows without a bound. */
	private pauseWhenBehind(): void {
		if (this.writer.waitingRows() <= MAX_WAITING_ROWS || this.stopFollowing === null) return;
		this.ports.logger.warn("market data waits for history", { partition: this.partition });
		this.stopFollowing();
		this.stopFollowing = null;
		void this.writer.flushed(this.market.evSeq).then(() => {
			if (!this.stopped && this.stopFollowing === null) this.resume();
		});
	}

	private checkCaughtUp(): void {
		if (this.caughtUp === null || this.nextOffset < this.caughtUp.end) return;
		this.caughtUp.resolve();
		this.caughtUp = null;
	}

	private wrote(batch: HistoryBatch): void {
		for (const { symbolId, tradeId } of batch.trades) {
			this.market.symbol(symbolId)?.trades.written(tradeId);
		}
		for (const { symbolId, aggTradeId } of batch.aggTrades) {
			this.market.symbol(symbolId)?.aggTrades.written(aggTradeId);
		}
	}

	private snapshotDue(): boolean {
		if (this.saving !== null || !this.market.whole) return false;
		const records = this.market.evSeq - this.snapshotEvSeq;
		const { clock, snapshotEveryMs = SNAPSHOT_EVERY_MS } = this.ports;
		const elapsedMs = clock.monotonicMs() - this.snapshotMs;
		return records >= SNAPSHOT_RECORDS || (records > 0 && elapsedMs >= snapshotEveryMs);
	}

	private saveBehind(): Promise<void> {
		this.saving = this.saveNow().finally(() => {
			this.saving = null;
		});
		return this.saving;
	}

	/** The state of this moment, encoded by and by. */
	private async saveNow(): Promise<void> {
		const { market, nextOffset } = this;
		const { evSeq } = market;
		const { log, clock, scheduler, logger } = this.ports;
		this.snapshotEvSeq = evSeq;
		this.snapshotMs = clock.monotonicMs();
		const snapshot = { logId: log.logId, nextOffset, market };
		const bytes = await encodeSnapshotBehind(snapshot, scheduler);
		await this.store(evSeq, bytes).catch((error: unknown) => {
			// The next one is due soon; until then a restart replays more.
			logger.warn("market data snapshot not stored", { error: String(error) });
		});
	}

	/**
	 * Only when History has everything that the snapshot leaves out, and would have it after a power cut: the
	 * log may begin behind the older of two snapshots, so one of them must be good for a start.
	 */
	private async store(evSeq: number, bytes: Uint8Array): Promise<void> {
		await this.writer.flushed(evSeq);
		await this.ports.history.sync();
		await this.snapshots.save(evSeq, bytes);
		this.snapshotsSaved += 1;
	}
}
