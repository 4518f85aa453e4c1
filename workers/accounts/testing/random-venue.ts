import type { AppendFate } from "../../../db/log/memory-log.ts";
import type { AccountService, Outcome } from "../../../schemas/ports/account-service.ts";
import { shardOfUser } from "../../../schemas/ports/users.ts";
import type { AccountWorker } from "../worker.ts";
import { Dice, randomRequest } from "./random-requests.ts";
import { type Process, World } from "./world.ts";

const USERS = 5;
const SHARDS = 2;
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

	constructor(seed: number) {
		this.dice = new Dice(seed);
		const { dice } = this;
		this.world = new World({
			// Now and then the ledger stays where a start left it: the next one reads everything since from the logs.
			settings: {
				...{ accountShards: SHARDS, orderLimits: [] },
				...(dice.chance(300) ? { commitEveryMs: 10_000_000 } : {}),
			},
			maxEventsPerRecord: 3,
			exclusive: false,
			latencyMs: () => (this.faulty && dice.chance(100) ? dice.roll(60) : 0),
			appendFate: () =>
				this.faulty && dice.chance(60) ? (FATES[dice.roll(4)] as AppendFate) : "ok",
			ledgerFault: () =>
				this.faulty && dice.chance(100) ? (dice.chance(500) ? "lost answer" : "not done") : "ok",
		});
	}

	async open(): Promise<void> {
		await this.world.openVenue();
		for (let shard = 1; shard <= SHARDS; shard += 1) await this.restart(shard);
		for (let userId = 1; userId <= USERS; userId += 1) {
			for (const assetId of [1, 2, 3]) {
				const externalId = `first-${assetId}`;
				const request = { userId, assetId, amount: 3_000_000n, externalId };
				await this.world.value(this.serviceOf(userId).deposit(request));
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

	/** Everything under way comes to its end. */
	async calm(): Promise<void> {
		this.faulty = false;
		await this.world.time.advance(5_000);
	}

	async restart(shard: number): Promise<void> {
		this.processes.set(shard, await this.world.startWorker(shard));
	}

	liveWorkers(): AccountWorker[] {
		return [...this.processes.values()].map((process) => process.worker);
	}

	private async replaceWorker(shard: number): Promise<void> {
		const old = this.processes.get(shard) as Process;
		if (this.dice.chance(600)) this.world.kill(old);
		else this.zombies.push(old);
		await this.restart(shard);
	}

	private serviceOf(userId: number): AccountService {
		const shard = shardOfUser(userId, SHARDS);
		return (this.processes.get(shard) as Process).worker.service;
	}

	private act(): void {
		const userId = 1 + this.dice.roll(USERS);
		const zombie = this.zombies[this.dice.roll(10)];
		const service = zombie?.worker.service ?? this.serviceOf(userId);
		void randomRequest(this.dice, service, userId).then((outcome) => this.answers.push(outcome));
	}
}
