import {
	type Command,
	CommandKind,
	type OrdersRecord,
	VENUE_SHARD,
} from "../../schemas/command.ts";
import { EventKind, type EventRecord } from "../../schemas/event.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import type { SymbolState } from "../../schemas/order.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import {
	type Ledger,
	type LedgerBatch,
	LedgerUnavailable,
	NO_CHANGES,
	type PositionRow,
} from "../../schemas/ports/ledger.ts";
import type { Log, LogEntry } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { Rejection } from "../../schemas/rejection.ts";
import type { AssetSpec, SymbolSpec } from "../../schemas/symbol.ts";
import { VenueConfig, type VenueView } from "../../schemas/venue-config.ts";
import { checkClock, checkClockByLedger } from "../protocol/clock-check.ts";
import { positionIn } from "../protocol/first-position.ts";
import { checkLogId, logIdOf } from "../protocol/log-identity.ts";
import { LOG_LOST } from "../protocol/log-lost.ts";
import { pause, retried } from "../protocol/patience.ts";
import { ShardWriter } from "../protocol/shard-writer.ts";
import { sinceRaised } from "../protocol/since-raised.ts";
import { Superseded, type TakenOver, takeOver, takeOverPosition } from "../protocol/take-over.ts";
import { checkUsedEpochs } from "../protocol/used-epochs.ts";

/** How often the venue moves every partition's time. */
const TICK_MS = 250;
/** How often its position goes to the ledger. */
const COMMIT_MS = 5_000;
const RETRY_MS = 100;

export interface VenueOptions {
	readonly orders: Log<OrdersRecord>;
	readonly trades: Log<EventRecord>;
	readonly ledger: Ledger;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	onFatal(error: unknown): void;
}

/** The worker ended before the log had an answer: whether the command counts is not known. */
export class VenueStopped extends Error {
	override readonly name = "VenueStopped";
}

interface Waiting {
	readonly resolve: (answer: Rejection) => void;
	readonly reject: (error: VenueStopped) => void;
}

/** Where the venue stands in one partition. */
interface Place {
	ordersOffset: number;
	ordersSeq: number;
	tradesOffset: number;
	evSeq: number;
	hash: string;
}

/**
 * The writer of shard 0: what is the venue's own goes into the log through it, like everything else:
 * assets, symbols, states, rules, and a tick to every partition that moves its time.
 */
export class VenueWorker {
	private readonly options: VenueOptions;
	private readonly config = new VenueConfig();
	private readonly places: Place[] = [];
	private readonly waiting = new Map<string, Waiting>();
	private readonly cancels: Cancel[] = [];
	private writer: ShardWriter | null = null;
	private epoch = 0;
	private batch = 0;
	private configChanged = false;
	private committing: Promise<void> | null = null;
	private stopped = false;

	constructor(options: VenueOptions) {
		this.options = options;
	}

	/**
	 * Takes shard 0 over, catches up with the configuration in the log, starts ticking.
	 *
	 * @throws Superseded when somebody took over later
	 * @throws InvariantViolation when the log has lost data, or the clock is off
	 */
	async start(): Promise<void> {
		const { trades, scheduler } = this.options;
		const positions = await this.load();
		await this.checkTrades(positions);
		this.writer = await this.takeOver(positions);
		for (const [partition, place] of this.places.entries()) {
			this.cancels.push(
				trades.follow(partition, place.tradesOffset, (entries) => this.read(partition, entries)),
			);
		}
		await this.settleOwnEpoch();
		// A log that is lost must not be taken for a new venue's first.
		void this.commit();
		this.cancels.push(
			scheduler.every(TICK_MS, () => this.tick()),
			scheduler.every(COMMIT_MS, () => void this.commit()),
		);
	}

	/** Brings its position to the ledger, unless that is away, and ends. */
	async stop(): Promise<void> {
		this.end();
		await this.committing;
		await this.commit();
	}

	/** The configuration as of the last event read. */
	view(): VenueView {
		return this.config;
	}

	/** Adds an asset to every partition. Resolves with the engine's word. */
	addAsset(asset: AssetSpec): Promise<Rejection> {
		return this.askEach(addAsset(asset));
	}

	/** From here on every partition goes by this version of the engine's rules. Resolves with the engine's word. */
	setEngineVersion(version: number): Promise<Rejection> {
		return this.askEach({ kind: CommandKind.SetEngineVersion, version });
	}

	addSymbol(symbol: SymbolSpec): Promise<Rejection> {
		return this.ask(symbol.partition, addSymbol(symbol));
	}

	setSymbolState(symbol: SymbolSpec, state: SymbolState): Promise<Rejection> {
		const symbolId = symbol.symbolId;
		return this.ask(symbol.partition, { kind: CommandKind.SetSymbolState, symbolId, state });
	}

	/** Replaces filters, fees and band; tick, lot and maxima stay as they are. */
	setSymbolRules(symbol: SymbolSpec): Promise<Rejection> {
		return this.ask(symbol.partition, { kind: CommandKind.SetSymbolRules, symbol });
	}

	/** How far it has read `trades`, by partition. */
	evSeqs(): readonly number[] {
		return this.places.map(({ evSeq }) => evSeq);
	}

	/** One partition after the other: said again, it reaches those that it did not. Resolves with the last one's word. */
	private async askEach(command: Command): Promise<Rejection> {
		let answer: Rejection = Rejection.None;
		for (let partition = 0; partition < this.options.orders.partitions; partition += 1) {
			answer = await this.ask(partition, command);
		}
		return answer;
	}

	private ask(partition: number, command: Command): Promise<Rejection> {
		const writer = this.writer;
		invariant(writer !== null && !this.stopped, "the venue worker is not running");
		const { seq } = writer.write(partition, command);
		return new Promise((resolve, reject) => {
			this.waiting.set(`${partition}:${seq}`, { resolve, reject });
		});
	}

	/** Nothing new is written or read; who still waits is told that nobody knows. */
	private end(): void {
		this.stopped = true;
		for (const cancel of this.cancels.splice(0)) cancel();
		this.writer?.stop();
		for (const { reject } of this.waiting.values()) reject(new VenueStopped("the venue stopped"));
		this.waiting.clear();
	}

	private fatal(error: unknown): void {
		if (this.stopped) return;
		this.end();
		this.options.onFatal(error);
	}

	/** Raises the epoch and takes the configuration from the ledger; gives where it stands in each partition. */
	private async load(): Promise<PositionRow[]> {
		const { orders, ledger, clock, scheduler } = this.options;
		await checkClockByLedger(clock, scheduler, ledger);
		await checkUsedEpochs(orders, ledger, VENUE_SHARD, scheduler);
		this.epoch = await retried(scheduler, () => ledger.raiseEpoch(VENUE_SHARD, 0));
		const state = await sinceRaised(scheduler, VENUE_SHARD, this.epoch, () =>
			ledger.load(VENUE_SHARD),
		);
		checkLogId("the venue's shard of the ledger", state.logId, logIdOf(this.options));
		this.batch = state.batch;
		for (const asset of state.config.assets) this.config.apply(addAsset(asset));
		for (const symbol of state.config.symbols) this.config.apply(addSymbol(symbol));
		return Array.from({ length: orders.partitions }, (_, partition) =>
			positionIn(state.positions, partition),
		);
	}

	/** Becomes the writer of shard 0 in every partition. */
	private async takeOver(positions: readonly PositionRow[]): Promise<ShardWriter> {
		const { orders, clock, scheduler, onFatal } = this.options;
		let lastTs = Math.max(...positions.map((p) => p.lastTs));
		const taken = await takeOver({
			shard: VENUE_SHARD,
			epoch: this.epoch,
			ts: Math.max(lastTs, clock.nowMs()),
			log: orders,
			scheduler,
			positions: positions.map((row) => takeOverPosition(VENUE_SHARD, row)),
			onAccepted: (_, { record }) => {
				lastTs = Math.max(lastTs, record.ts);
			},
		});
		checkClock(clock, lastTs);
		for (const [partition, place] of taken.entries()) {
			this.places[partition] = placeOf(positions[partition] as PositionRow, place);
		}
		return new ShardWriter({
			shard: VENUE_SHARD,
			epoch: this.epoch,
			lastSeqs: taken.map((t) => t.lastSeq),
			lastTs: Math.max(lastTs, clock.nowMs()),
			log: orders,
			clock,
			scheduler,
			onAcknowledged: (partition, records, endOffset) => {
				const place = this.places[partition] as Place;
				place.ordersOffset = endOffset;
				place.ordersSeq = records.at(-1)?.seq ?? place.ordersSeq;
			},
			onFatal,
		});
	}

	/** `trades` reaches as far as the ledger has seen it. */
	private async checkTrades(positions: readonly PositionRow[]): Promise<void> {
		const { trades, scheduler } = this.options;
		for (const { partition, tradesOffset } of positions) {
			const end = await retried(scheduler, () => trades.end(partition));
			invariant(
				end >= tradesOffset,
				`trades ${partition} ends at ${end}, before ${tradesOffset}: ${LOG_LOST}`,
			);
		}
	}

	/** Waits for a tick of the own epoch in every partition: everything before it has been read then. */
	private async settleOwnEpoch(): Promise<void> {
		const partitions = Array.from({ length: this.options.orders.partitions }, (_, p) => p);
		await Promise.all(partitions.map((p) => this.ask(p, { kind: CommandKind.Tick })));
	}

	private tick(): void {
		for (let partition = 0; partition < this.options.orders.partitions; partition += 1) {
			// While the log is away one tick waits, not hundreds.
			if (this.writer?.isIdle(partition)) {
				this.writer.write(partition, { kind: CommandKind.Tick });
			}
		}
	}

	private read(partition: number, entries: readonly LogEntry<EventRecord>[]): void {
		const place = this.places[partition] as Place;
		for (const { offset, record } of entries) {
			place.tradesOffset = offset + 1;
			if (record.evSeq <= place.evSeq) {
				const forked = record.evSeq === place.evSeq && record.hash !== place.hash;
				if (!forked) continue;
				throw new InvariantViolation(`fork in trades ${partition} at evSeq ${record.evSeq}`);
			}
			if (record.evSeq !== place.evSeq + 1) {
				throw new InvariantViolation(
					`trades ${partition} goes from evSeq ${place.evSeq} to ${record.evSeq}`,
				);
			}
			place.evSeq = record.evSeq;
			place.hash = record.hash;
			if (record.shard === VENUE_SHARD) this.readOwn(partition, record);
		}
	}

	private readOwn(partition: number, record: EventRecord): void {
		if (record.epoch > this.epoch) {
			return this.fatal(new Superseded(`the venue's epoch is ${record.epoch} now`));
		}
		const answer = record.events.at(-1);
		const refusal = answer?.kind === EventKind.CommandRejected ? answer.reason : Rejection.None;
		for (const event of record.events) {
			if (this.config.hear(event, record.command)) this.configChanged = true;
		}
		if (record.epoch !== this.epoch || !record.last) return;
		// It answers only what this event says, so it needs no lease: sendings are just forgotten.
		this.writer?.takeSentAt(partition, record.seq);
		const key = `${partition}:${record.seq}`;
		this.waiting.get(key)?.resolve(refusal);
		this.waiting.delete(key);
	}

	/** Position and configuration to the ledger, one batch at a time. */
	private commit(): Promise<void> {
		this.committing ??= this.commitNext().finally(() => {
			this.committing = null;
		});
		return this.committing;
	}

	/** Outcome unknown: the same batch again, until the worker ends. */
	private async commitNext(): Promise<void> {
		if (this.writer === null) return;
		const batch = this.nextBatch(this.writer);
		this.configChanged = false;
		for (;;) {
			try {
				const outcome = await this.options.ledger.commit(VENUE_SHARD, batch);
				if (outcome === "superseded") this.fatal(new Superseded("the venue's shard"));
				this.batch = batch.batch;
				return;
			} catch (error) {
				if (!(error instanceof LedgerUnavailable)) return this.fatal(error);
				if (this.stopped) break;
				await pause(this.options.scheduler, RETRY_MS);
			}
		}
		// A batch without it must not bring the position past it.
		this.configChanged ||= batch.config !== null;
	}

	private nextBatch(writer: ShardWriter): LedgerBatch {
		return {
			...NO_CHANGES,
			epoch: this.epoch,
			batch: this.batch + 1,
			logId: logIdOf(this.options),
			positions: this.places.map((place, partition) => ({
				partition,
				ordersOffset: place.ordersOffset,
				ordersEpoch: this.epoch,
				ordersSeq: place.ordersSeq,
				heldSeq: place.ordersSeq,
				answeredSeq: 0,
				tradesOffset: place.tradesOffset,
				evSeq: place.evSeq,
				hash: place.hash,
				lastTs: writer.lastStampedTs(),
			})),
			config: this.configChanged ? this.config.state() : null,
		};
	}
}

function addAsset(asset: AssetSpec): Command {
	return { kind: CommandKind.AddAsset, asset };
}

function addSymbol(symbol: SymbolSpec): Command {
	return { kind: CommandKind.AddSymbol, symbol };
}

function placeOf(position: PositionRow, taken: TakenOver): Place {
	return {
		ordersOffset: taken.ordersOffset,
		ordersSeq: taken.lastSeq,
		tradesOffset: position.tradesOffset,
		evSeq: position.evSeq,
		hash: position.hash,
	};
}
