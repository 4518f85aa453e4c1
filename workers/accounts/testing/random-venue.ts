import type { LedgerFault } from "../../../db/ledger/memory-ledger.ts";
import type { AppendFate } from "../../../db/log/memory-log.ts";
import { CommandKind } from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import { orderLogPositions } from "../../../schemas/order-log-position.ts";
import type { Outcome } from "../../../schemas/ports/account-service.ts";
import type { PositionRow } from "../../../schemas/ports/ledger.ts";
import { shardOfUser } from "../../../schemas/ports/users.ts";
import { Superseded } from "../../protocol/take-over.ts";
import type { AccountSettings } from "../settings.ts";
import type { AccountWorker } from "../worker.ts";
import { Dice, randomRequest } from "./random-requests.ts";
import { type Process, World } from "./world.ts";

const USERS = 5;
const SHARDS = 2;
const LEDGER_FAULTS: readonly LedgerFault[] = ["lost answer", "late", "not done"];
const FATES: readonly AppendFate[] = ["lost ack", "not written", "late", "twice"];

/**
 * Two shards, two partitions, a few users who do anything, under faults: appends and commits that are
 * lost, late or doubled, workers that are killed or go on as zombies beside their successors.
 */
export class RandomVenue {
	readonly world: World;
	readonly processes = new Map<number, Process>();
	readonly zombies: Process[] = [];
	readonly answers: Outcome<unknown>[] = [];
	private readonly dice: Dice;
	private faulty = false;
	/** In these partitions nothing is written to `trades`, so that commands wait for their answers. */
	private stalled: readonly number[] = [];

	/** @param settings of its account workers, beside those that are its own */
	constructor(seed: number, settings: Partial<AccountSettings> = {}) {
		this.dice = new Dice(seed);
		const { dice } = this;
		this.world = new World({
			// Now and then the ledger stays where a start left it: the next one reads everything since from the logs.
			settings: {
				...{ accountShards: SHARDS, orderLimits: [] },
				...(dice.chance(300) ? { commitEveryMs: 10_000_000 } : {}),
				...settings,
			},
			maxEventsPerRecord: 3,
			refuses: ({ kind }) =>
				(kind === CommandKind.Deposit || kind === CommandKind.Withdraw) &&
				this.faulty &&
				dice.chance(400),
			exclusive: false,
			latencyMs: () => (this.faulty && dice.chance(100) ? dice.roll(60) : 0),
			appendFate: (topic, records) => {
				if (topic === "trades" && this.isStalled(records[0] as EventRecord)) return "not written";
				return this.faulty && dice.chance(60) ? (FATES[dice.roll(4)] as AppendFate) : "ok";
			},
			ledgerFault: () =>
				this.faulty && dice.chance(100) ? (LEDGER_FAULTS[dice.roll(3)] as LedgerFault) : "ok",
		});
	}

	async open(): Promise<void> {
		await this.world.openVenue();
		for (let shard = 1; shard <= SHARDS; shard += 1) await this.restart(shard);
		for (let userId = 1; userId <= USERS; userId += 1) {
			for (const assetId of [1, 2, 3]) {
				const externalId = `first-${assetId}`;
				const request = { userId, assetId, amount: 3_000_000n, externalId };
				await this.world.value(this.workerOf(userId).service.deposit(request));
			}
		}
		this.faulty = true;
	}

	/** Anything that can happen, once. */
	async step(): Promise<void> {
		const { dice, world } = this;
		if (dice.chance(15)) await this.replaceWorker(1 + dice.roll(SHARDS));
		else for (let n = 1 + dice.roll(4); n > 0; n -= 1) this.act();
		await world.time.advance(dice.roll(30));
	}

	/** The order log has everything until now: workers may forget orders that have ended. */
	orderLogIsUpToDate(): void {
		for (const { partition, evSeq } of runningOf(
			this.liveWorkers()[0]!,
		).shard.state.positions.all()) {
			this.world.pubsub.publish(orderLogPositions, { partition, evSeq });
		}
	}

	/** Everything under way comes to its end. */
	async calm(): Promise<void> {
		this.faulty = false;
		await this.world.time.advance(5_000);
	}

	/**
	 * Until `goOn` nothing fails, and these partitions alone answer nothing. Resolves when the log has every command that was
	 * given, and the workers have settled all that it tells.
	 */
	async standStill(stalled: readonly number[]): Promise<void> {
		this.faulty = false;
		this.stalled = stalled;
		do await this.world.time.advance(100);
		while (!this.isRead());
	}

	goOn(): void {
		this.stalled = [];
		this.faulty = true;
	}

	/** Now and then two begin at once: who has raised the epoch last is the successor. */
	async restart(shard: number): Promise<void> {
		const rivals = [this.world.makeWorker(shard)];
		if (this.dice.chance(300)) rivals.push(this.world.makeWorker(shard));
		const starts = rivals.map((rival) => {
			const { worker } = rival;
			return worker.start().then(
				() => [rival],
				(error: unknown) => {
					if (error instanceof Superseded) return [];
					throw error;
				},
			);
		});
		const started = (await this.world.finish(Promise.all(starts))).flat();
		const epochOf = ({ worker }: Process) => runningOf(worker).shard.epoch;
		const [successor, ...zombies] = started.sort((a, b) => epochOf(b) - epochOf(a));
		if (successor === undefined) throw new Error("nobody succeeds");
		this.zombies.push(...zombies);
		this.processes.set(shard, successor);
	}

	liveWorkers(): AccountWorker[] {
		return [...this.processes.values()].map((process) => process.worker);
	}

	private isStalled({ partition }: EventRecord): boolean {
		return this.stalled.includes(partition);
	}

	private isRead(): boolean {
		return this.liveWorkers().every((worker) => {
			const { shard, writer } = runningOf(worker);
			const positions = shard.state.positions.all();
			return writer.pending() === 0 && positions.every((row) => this.isAtEnd(row));
		});
	}

	private isAtEnd({ partition, tradesOffset }: PositionRow): boolean {
		return this.world.trades.all(partition).length === tradesOffset;
	}

	private async replaceWorker(shard: number): Promise<void> {
		const old = this.processes.get(shard) as Process;
		if (this.dice.chance(600)) this.world.kill(old);
		else this.zombies.push(old);
		await this.restart(shard);
	}

	private workerOf(userId: number): AccountWorker {
		const shard = shardOfUser(userId, SHARDS);
		return (this.processes.get(shard) as Process).worker;
	}

	private act(): void {
		const userId = 1 + this.dice.roll(USERS);
		const zombie = this.zombies[this.dice.roll(10)];
		const worker = zombie?.worker ?? this.workerOf(userId);
		const open = runningOf(worker).shard.state.orders.openOf(userId, 0);
		const states = open.map(({ state }) => state);
		void randomRequest(this.dice, worker.service, userId, states).then((outcome) =>
			this.answers.push(outcome),
		);
	}
}

/** What a worker that has started is made of. */
export function runningOf(worker: AccountWorker) {
	const running = worker["running"];
	if (running === null) throw new Error("the worker does not run");
	return running;
}
