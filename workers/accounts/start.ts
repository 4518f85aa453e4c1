import { CommandKind, type OrdersRecord } from "../../schemas/command.ts";
import { invariant } from "../../schemas/invariant.ts";
import type {
	AccessState,
	PositionRow,
	ShardPositions,
	ShardState,
} from "../../schemas/ports/ledger.ts";
import type { Log, LogEntry } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { checkClock, checkClockByLedger } from "../protocol/clock-check.ts";
import { positionIn } from "../protocol/first-position.ts";
import { BEAT_AFTER_MS, LEASE_MS, TAKE_OVER_WAIT_MS } from "../protocol/lease.ts";
import { checkLogId, logIdOf } from "../protocol/log-identity.ts";
import { LOG_LOST } from "../protocol/log-lost.ts";
import { pause, retried } from "../protocol/patience.ts";
import { sinceRaised } from "../protocol/since-raised.ts";
import {
	appendEpoch,
	type EndsBefore,
	type EpochOptions,
	readToEpoch,
	superseded,
	type TakenOver,
	takeOverPosition,
} from "../protocol/take-over.ts";
import { checkUsedEpochs } from "../protocol/used-epochs.ts";
import { Access } from "./access.ts";
import { AHEAD_MS } from "./caller-check.ts";
import { AccountState } from "./state.ts";
import { takeCommand } from "./taking.ts";
import type { AccountWorkerOptions } from "./worker-options.ts";

export interface StartOptions
	extends Omit<AccountWorkerOptions, "random" | "logger" | "hasRoom" | "onFatal"> {
	readonly access: Access;
}

/** A shard that is taken over, its stamped holds taken; `trades` is not settled yet. */
export interface TakenShard {
	readonly epoch: number;
	/** The batch that the ledger has. */
	readonly batch: number;
	readonly state: AccountState;
	/** By partition: the last accepted seq, from the log. */
	readonly lastSeqs: readonly number[];
	/** The greatest time the shard ever stamped. */
	readonly lastTs: number;
	/** Signed calls that are older may have been taken by the worker before. */
	readonly signedNotBeforeMs: number;
	/** Keys and users, as the ledger had them. */
	readonly access: AccessState;
	/** When the old owner can no longer answer. */
	readonly silent: Promise<void>;
}

/** A shard whose epoch is raised, in ledger and log. */
interface EnteredShard {
	readonly epochOptions: EpochOptions;
	readonly endsBefore: EndsBefore;
	/** The greatest time that the ledger knows of. */
	readonly lastTs: number;
	readonly enteredAtMs: number;
	readonly silent: Promise<void>;
}

/**
 * The first half of an account worker's start, step by step as the protocol has it: look at the clock and at the epochs that
 * were used, raise the epoch, append the epoch records, load the ledger, read `orders` from the positions to them taking the
 * stamped holds. However long a load takes, the wait for the old owner's silence has begun before it.
 *
 * @throws Superseded when somebody took over later
 * @throws InvariantViolation when the log has lost what it acknowledged, or the clock is off
 */
export async function takeShard(options: StartOptions): Promise<TakenShard> {
	const { shard, ledger, clock } = options;
	await lookBefore(options);
	const { epochOptions, endsBefore, enteredAtMs, silent, ...entered } = await enterShard(options);
	const { epoch } = epochOptions;
	const loaded = await asRaised(options, epoch, () => ledger.load(shard));
	const state = stateOf(options, epoch, loaded);
	let { lastTs } = entered;
	const onAccepted = (partition: number, { record, offset }: LogEntry<OrdersRecord>): void => {
		lastTs = Math.max(lastTs, record.ts);
		if (record.command === null) return;
		const { heldSeq, answeredSeq } = state.positions.of(partition);
		state.positions.passed(partition, record, offset + 1);
		const isHeld = record.seq <= heldSeq;
		// An amend holds nothing, and what is on its way stands nowhere but here.
		const isAmend = record.command.kind === CommandKind.AmendOrder;
		if (isHeld && !(isAmend && record.seq > answeredSeq)) return;
		state.unlogged.loggedUpTo(partition, record.seq);
		takeCommand(state, partition, record);
	};
	const taken = await readToEpoch({ ...epochOptions, onAccepted }, endsBefore);
	const lastSeqs = taken.map((end) => adopt(state, end, epoch, lastTs));
	checkClock(clock, lastTs);
	// The worker before gave its last answer at most a lease after its last sign of life in log or ledger; one
	// that is dead for certain, before this one began. One that is not goes on until it is succeeded.
	const leaseEndMs = lastTs + LEASE_MS + BEAT_AFTER_MS;
	const lastAnswerMs = options.exclusive ? Math.min(enteredAtMs, leaseEndMs) : leaseEndMs;
	const signedNotBeforeMs = lastTs === 0 ? 0 : lastAnswerMs + AHEAD_MS;
	const { batch } = loaded;
	return { epoch, batch, state, lastSeqs, lastTs, signedNotBeforeMs, access: loaded, silent };
}

/** Raises the epoch in the ledger, then in every partition of `orders`, and begins to wait for the old owner's silence. */
async function enterShard(options: StartOptions): Promise<EnteredShard> {
	const { shard, ledger, orders, scheduler, clock } = options;
	const epoch = await retried(scheduler, () => ledger.raiseEpoch(shard, 0));
	const known = await asRaised(options, epoch, () => ledger.positions(shard));
	const positions = await checked(options, known);
	const lastTs = Math.max(0, ...positions.map((position) => position.lastTs));
	const enteredAtMs = clock.nowMs();
	const epochOptions = {
		...{ shard, epoch, ts: Math.max(enteredAtMs, lastTs), log: orders, scheduler },
		positions: positions.map((row) => takeOverPosition(shard, row)),
	};
	const endsBefore = await appendEpoch(epochOptions);
	const silent = options.exclusive ? Promise.resolve() : pause(scheduler, TAKE_OVER_WAIT_MS);
	return { epochOptions, endsBefore, lastTs, enteredAtMs, silent };
}

/**
 * What the ledger has since the raise, and as this owner left it.
 *
 * @throws Superseded when another has raised the epoch further: it may have written
 */
async function asRaised<T extends { readonly epoch: number }>(
	{ shard, scheduler }: StartOptions,
	epoch: number,
	ask: () => Promise<T>,
): Promise<T> {
	const told = await sinceRaised(scheduler, shard, epoch, ask);
	if (told.epoch > epoch) throw superseded(shard, epoch, told.epoch);
	return told;
}

/**
 * What a start asks before it writes anything, asked while another owns the shard: it fails where a start would, and
 * in a start nothing is done for the first time.
 */
export async function rehearse(options: Omit<StartOptions, "access">): Promise<void> {
	const { shard, ledger, scheduler } = options;
	const rehearsal = { ...options, access: new Access() };
	await lookBefore(rehearsal);
	await checked(rehearsal, await retried(scheduler, () => ledger.positions(shard)));
	const loaded = await retried(scheduler, () => ledger.load(shard));
	stateOf(rehearsal, loaded.epoch, loaded);
}

/** Resolves when the old owner can no longer answer, and what it was told of keys and users is known. */
export async function untilSilent(options: StartOptions, taken: TakenShard): Promise<void> {
	const { scheduler, ledger, access } = options;
	await taken.silent;
	if (options.exclusive) return;
	// Until now it may have been told of some, and have answered that it was.
	access.replace(taken.access, await retried(scheduler, () => ledger.access()));
}

/** The end of every partition of `trades`: the log's own. */
export function tradesEnds({ trades, scheduler }: StartOptions): Promise<number[]> {
	return endsOf(trades, scheduler);
}

function endsOf<R>(log: Log<R>, scheduler: Scheduler): Promise<number[]> {
	const partitions = Array.from({ length: log.partitions }, (_, partition) => partition);
	return Promise.all(partitions.map((partition) => retried(scheduler, () => log.end(partition))));
}

async function lookBefore({ shard, ledger, orders, scheduler, clock }: StartOptions) {
	await Promise.all([
		checkClockByLedger(clock, scheduler, ledger),
		checkUsedEpochs(orders, ledger, shard, scheduler),
	]);
}

/**
 * Where the shard stands in every partition: both topics must reach as far as the ledger has seen them.
 *
 * @throws InvariantViolation when the ledger is of another log, or of more than the log has
 */
async function checked(options: StartOptions, known: ShardPositions): Promise<PositionRow[]> {
	const { shard, orders, scheduler } = options;
	checkLogId(`shard ${shard} of the ledger`, known.logId, logIdOf(options));
	const positions = Array.from({ length: orders.partitions }, (_, partition) =>
		positionIn(known.positions, partition),
	);
	const [ordersEnds, ends] = await Promise.all([endsOf(orders, scheduler), tradesEnds(options)]);
	for (const { partition, ordersOffset, tradesOffset } of positions) {
		const end = ordersEnds[partition] ?? 0;
		invariant(
			end >= ordersOffset,
			`orders ${partition} ends at ${end}, before ${ordersOffset}: ${LOG_LOST}`,
		);
		const tradesEnd = ends[partition] ?? 0;
		invariant(
			tradesEnd >= tradesOffset,
			`trades ${partition} ends at ${tradesEnd}, before ${tradesOffset}: ${LOG_LOST}`,
		);
	}
	return positions;
}

function stateOf(options: StartOptions, epoch: number, loaded: ShardState): AccountState {
	const { shard, orders, settings, pubsub, access } = options;
	return new AccountState(shard, orders.partitions, settings, pubsub, access, epoch, loaded);
}

function adopt(state: AccountState, end: TakenOver, epoch: number, lastTs: number): number {
	const position = state.positions.of(end.partition);
	invariant(
		end.lastSeq >= position.heldSeq,
		`orders ${end.partition} has lost data: its last seq of shard ${state.shard} is ${end.lastSeq}, ${position.heldSeq} was acknowledged`,
	);
	state.positions.tookOver(end, epoch);
	position.lastTs = Math.max(position.lastTs, lastTs);
	return end.lastSeq;
}
