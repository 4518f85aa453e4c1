import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import { orderLogPositions } from "../../schemas/order-log-position.ts";
import type { AccountService, Refusal } from "../../schemas/ports/account-service.ts";
import type { LogEntry } from "../../schemas/ports/log.ts";
import { checkClock } from "../protocol/clock-check.ts";
import { Lease } from "../protocol/lease.ts";
import { logIdOf } from "../protocol/log-identity.ts";
import { pause } from "../protocol/patience.ts";
import { ShardWriter } from "../protocol/shard-writer.ts";
import { Superseded } from "../protocol/take-over.ts";
import { Access } from "./access.ts";
import { Answers, type Lane } from "./answers.ts";
import { audit, faultsOf } from "./audit.ts";
import { Auditor } from "./auditor.ts";
import { takeBatch } from "./batch.ts";
import { startBeats } from "./beats.ts";
import { CallerCheck } from "./caller-check.ts";
import { ClockBehind } from "./clock-behind.ts";
import { metricsOf } from "./metrics.ts";
import { Outcomes } from "./outcomes.ts";
import { accountService, RequestHandlers } from "./service.ts";
import { Settler } from "./settle.ts";
import { type TakenShard, takeShard, tradesEnds, untilSilent } from "./start.ts";
import { TradesReader } from "./trades-reader.ts";
import type { AccountWorkerOptions } from "./worker-options.ts";
import { WriteBehind } from "./write-behind.ts";

/**
 * How often finished orders, ids, signatures and user events are looked through for what may go: what
 * goes at once stops everything meanwhile.
 */
const TIDY_EVERY_MS = 100;
/** How often the auditor looks at some rows, for the same reason. */
const AUDIT_EVERY_MS = 100;
/** How often `stop` looks whether everything has been answered. */
const DRAIN_LOOK_MS = 5;

/** The running parts, between `start` and the end. */
interface Running {
	readonly shard: TakenShard;
	readonly handlers: RequestHandlers;
	readonly writeBehind: WriteBehind;
	readonly writer: ShardWriter;
	readonly auditor: Auditor;
}

/**
 * The one writer of a shard's balances and orders. Takes holds before the log, settles what `trades`
 * says, answers from events, and brings its state into the ledger behind itself.
 */
export class AccountWorker {
	readonly service: AccountService;
	private readonly options: AccountWorkerOptions;
	private readonly access = new Access();
	private readonly lease: Lease;
	private readonly answers: Answers;
	private running: Running | null = null;
	private ended = false;
	private draining = false;
	private settled = 0;
	/** The greatest time that `trades` has told. */
	private logMs = 0;
	private readonly clockBehind: ClockBehind;
	private readonly endings: (() => void)[] = [];
	private startFailed: (error: unknown) => void = () => {};

	constructor(options: AccountWorkerOptions) {
		this.options = options;
		this.lease = new Lease(options.clock);
		this.clockBehind = new ClockBehind(options.shard, options.logger);
		this.answers = new Answers(this.lease, options.orders.partitions);
		this.service = accountService(
			this.access,
			() => (this.ended || this.draining ? null : (this.running?.handlers ?? null)),
			() => !this.ended && (this.running === null || this.lease.mayAnswer()),
		);
	}

	/**
	 * Takes the shard over and gets ready: resolves when it answers.
	 *
	 * @throws Superseded, InvariantViolation, or what a port throws: the worker is of no use then
	 */
	start(): Promise<void> {
		return new Promise((resolve, reject) => {
			this.startFailed = reject;
			this.endings.push(() => reject(new Error("the worker ended while it started")));
			this.begin().then(resolve, reject);
		});
	}

	/** Refuses what is new, waits for answers under way, commits, and ends. */
	async stop(): Promise<void> {
		if (this.ended || this.draining) return;
		this.draining = true;
		const { running } = this;
		if (running !== null) {
			await this.within(() => this.isIdle());
			let committed = false;
			running.writeBehind.commitNow().then(() => {
				committed = true;
			});
			await this.within(() => committed);
		}
		this.end();
	}

	get shard(): number {
		return this.options.shard;
	}

	/** The epoch it serves under; 0 before it is ready. */
	get epoch(): number {
		return this.running?.shard.epoch ?? 0;
	}

	/** How far it has settled, by partition; [] before it is ready. */
	evSeqs(): readonly number[] {
		return this.running?.shard.state.positions.all().map(({ evSeq }) => evSeq) ?? [];
	}

	/** Whether the auditor has found an invariant broken, and nobody has let withdrawals go on. */
	get withdrawalsStopped(): boolean {
		return this.running?.auditor.withdrawalsStopped ?? false;
	}

	/** Prometheus lines. */
	metrics(): string {
		if (this.running === null) return "";
		const { shard, writeBehind, writer, auditor } = this.running;
		return metricsOf(shard.state, {
			waitingOrders: this.answers.waiting("order"),
			waitingCancels: this.answers.waiting("cancel"),
			unacknowledged: writer.pending(),
			lagMs: writeBehind.lagMs(),
			committed: writeBehind.committed(),
			settledAnswers: this.settled,
			mayAnswer: this.lease.mayAnswer(),
			auditRounds: auditor.rounds,
			withdrawalsStopped: auditor.withdrawalsStopped,
		});
	}

	private async begin(): Promise<void> {
		const { shard, logger, trades, orders, clock, scheduler } = this.options;
		const begunMs = clock.monotonicMs();
		invariant(trades.partitions === orders.partitions, "both topics have the same partitions");
		const options = { ...this.options, access: this.access };
		const taken = await takeShard(options);
		const takenMs = Math.round(clock.monotonicMs() - begunMs);
		const settler = new Settler(taken.state);
		const settledTo = this.follow(taken, settler);
		await untilSilent(options, taken);
		// What the worker before may have answered from stands before these ends.
		await settledTo(await tradesEnds(options));
		// Its own shard may have been quiet: the others' time is in `trades`.
		checkClock(clock, this.logMs);
		const faults = faultsOf(audit(taken.state));
		if (faults.length > 0) throw new InvariantViolation(faults.slice(0, 5).join("; "));
		if (this.ended) return;
		settler.goLive();
		const running = this.open(taken);
		await running.writeBehind.start();
		this.running = running;
		// Ready is who takes signed calls: those of before the start would be refused until then.
		const leftMs = taken.signedNotBeforeMs - clock.nowMs();
		if (leftMs > 0) await pause(scheduler, leftMs);
		const { epoch, state } = taken;
		const evSeqs = state.positions.all().map((position) => position.evSeq);
		const ms = Math.round(clock.monotonicMs() - begunMs);
		logger.info("account worker ready", { shard, epoch, evSeqs: evSeqs.join(","), takenMs, ms });
	}

	/**
	 * Settles every partition of `trades` from its position on.
	 *
	 * @returns resolves when all have come to these ends
	 */
	private follow(taken: TakenShard, settler: Settler): (ends: readonly number[]) => Promise<void> {
		const positions = taken.state.positions.all();
		const settledTo = positions.map(({ tradesOffset }) => tradesOffset);
		let moved = () => {};
		for (const [i, position] of positions.entries()) {
			const reader = new TradesReader(position);
			const { partition, tradesOffset } = position;
			const stop = this.options.trades.follow(partition, tradesOffset, (entries) => {
				if (this.ended) return;
				try {
					this.settle(taken, settler, reader, entries);
				} catch (error) {
					this.fatal(error);
					return;
				}
				settledTo[i] = (entries.at(-1)?.offset ?? 0) + 1;
				moved();
			});
			this.endings.push(stop);
		}
		return (ends) =>
			new Promise((resolve) => {
				moved = () => {
					if (ends.every((end, i) => (settledTo[i] ?? 0) >= end)) resolve();
				};
				moved();
			});
	}

	/** One delivery of `trades`: money first, then user events, then answers. */
	private settle(
		taken: TakenShard,
		settler: Settler,
		reader: TradesReader,
		entries: readonly LogEntry<EventRecord>[],
	): void {
		const { state, epoch } = taken;
		const nowMs = this.options.clock.nowMs();
		for (const entry of entries) {
			const { record } = entry;
			this.logMs = Math.max(this.logMs, record.ts);
			if (record.shard === state.shard && record.epoch > epoch) {
				throw new Superseded(`shard ${state.shard}: epoch ${record.epoch} stands in trades`);
			}
			const records = reader.take(entry);
			if (records === null) continue;
			const settled = settler.settle(records, nowMs);
			this.settled += 1;
			if (record.shard !== state.shard) continue;
			this.prove(record, epoch);
			if (record.epoch === epoch) this.answers.settled(settled);
			for (const run of settled.placed?.takeWaiters() ?? []) this.answers.alsoTell(run);
			for (const run of state.funds.takeWoken()) this.answers.alsoTell(run);
		}
		state.userEvents.publish();
		// Pub/sub delivers in the next turn; only then do the answers go out, after their events.
		this.options.scheduler.soon(() => this.tellAnswers());
	}

	private tellAnswers(): void {
		try {
			this.answers.tell();
		} catch (error) {
			this.fatal(error);
		}
	}

	/** An event of the own epoch: the moment its command was first sent proves the epoch. */
	private prove(record: EventRecord, epoch: number): void {
		if (record.epoch !== epoch || record.seq === 0) return;
		const sentAt = this.running?.writer.takeSentAt(record.partition, record.seq) ?? null;
		if (sentAt !== null) this.lease.prove(sentAt);
	}

	private open(taken: TakenShard): Running {
		const { options, answers, lease } = this;
		const { clock, scheduler, logger, settings, ledger, orders, shard } = options;
		const { state, epoch } = taken;
		const onFatal = (error: unknown): void => this.fatal(error);
		const writer = new ShardWriter({
			shard,
			epoch,
			lastSeqs: taken.lastSeqs,
			lastTs: taken.lastTs,
			log: orders,
			clock,
			scheduler,
			gatherMs: settings.gatherMs,
			onAcknowledged: (partition, records, offset) => {
				const last = records[records.length - 1];
				if (last === undefined) return;
				state.positions.appended(partition, records, offset);
				state.unlogged.loggedUpTo(partition, last.seq);
			},
			onFatal,
		});
		const writeBehind = new WriteBehind({
			shard,
			batch: taken.batch,
			ledger,
			lease,
			clock,
			scheduler,
			logger,
			everyMs: settings.commitEveryMs,
			isDirty: () => state.isDirty(),
			copy: (batch) => {
				const stamped = writer.lastStampedTs();
				return takeBatch(state, epoch, batch, stamped, clock.nowMs(), logIdOf(options));
			},
			onFatal,
		});
		const callers = new CallerCheck(this.access, settings.maxSignatures, taken.signedNotBeforeMs);
		const auditor = new Auditor(state, (settings.auditRowsPerSecond * AUDIT_EVERY_MS) / 1_000);
		const handlers = new RequestHandlers({
			state,
			writer,
			answers,
			outcomes: new Outcomes(state, () => clock.nowMs()),
			callers,
			auditor,
			clock,
			overload: (lane) => this.overload(lane),
		});
		this.endings.push(
			...startBeats(writer, scheduler, state.ownPartition, orders.partitions),
			scheduler.every(TIDY_EVERY_MS, () => this.tidy(taken, writer, callers)),
			scheduler.every(AUDIT_EVERY_MS, () => this.sample(auditor)),
			options.pubsub.subscribe(orderLogPositions, ({ partition, evSeq }) =>
				state.orders.finished.orderLogAt(partition, evSeq),
			),
			() => writer.stop(),
			() => writeBehind.stop(),
		);
		return { shard: taken, handlers, writeBehind, writer, auditor };
	}

	/** New orders are refused at every bound; cancels only at their own. */
	private overload(lane: Lane): Refusal | null {
		const { settings } = this.options;
		const { running } = this;
		const full =
			lane === "cancel"
				? this.answers.waiting("cancel") >= settings.maxWaitingCancels
				: this.answers.waiting("order") >= settings.maxWaitingOrders ||
					running === null ||
					this.options.hasRoom?.() === false ||
					running.shard.state.uncommittedTransfers() >= settings.maxUncommittedTransfers ||
					running.writeBehind.lagMs() >= settings.maxLagMs;
		return full ? { reason: "overloaded", retryAfterMs: settings.retryAfterMs } : null;
	}

	private tidy({ state }: TakenShard, writer: ShardWriter, callers: CallerCheck): void {
		const nowMs = this.options.clock.nowMs();
		const stampedMs = writer.lastStampedTs();
		state.orders.forget(nowMs - state.settings.keepFinishedMs);
		state.clientIds.forget(stampedMs);
		state.userEvents.forget(nowMs);
		// By what is stamped, which stays: a wall clock may be ahead for a moment.
		callers.forget(stampedMs);
		this.clockBehind.look(stampedMs - nowMs);
	}

	/** What it finds has been so for a while, and answered from: trading goes on, and no money leaves. */
	private sample(auditor: Auditor): void {
		const { logger, shard } = this.options;
		try {
			for (const finding of auditor.look()) {
				logger.error("an invariant is broken: withdrawals are stopped", { shard, ...finding });
			}
		} catch (error) {
			this.fatal(error);
		}
	}

	private isIdle(): boolean {
		return (
			this.answers.waiting("order") + this.answers.waiting("cancel") === 0 &&
			this.running?.writer.pending() === 0
		);
	}

	/** Resolves when it holds, or when the time to drain is over. */
	private within(holds: () => boolean): Promise<void> {
		const { scheduler, settings } = this.options;
		let left = settings.drainMs;
		return new Promise((resolve) => {
			const look = (): void => {
				left -= DRAIN_LOOK_MS;
				if (holds() || left <= 0 || this.ended) resolve();
				else scheduler.after(DRAIN_LOOK_MS, look);
			};
			look();
		});
	}

	private fatal(error: unknown): void {
		if (this.ended) return;
		this.startFailed(error);
		this.options.logger.error("account worker stops", {
			shard: this.options.shard,
			error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
		});
		this.end();
		this.options.onFatal(error);
	}

	private end(): void {
		this.ended = true;
		for (const run of this.endings) run();
		this.endings.length = 0;
		this.answers.abandon();
	}
}
