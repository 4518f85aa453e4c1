import type { AppendFate } from "../../../db/log/memory-log.ts";
import {
	type CancelReplaceMode,
	OrderType,
	type Side,
	type StpMode,
} from "../../../schemas/order.ts";
import type { AccountService, Outcome } from "../../../schemas/ports/account-service.ts";
import { shardOfUser } from "../../../schemas/ports/users.ts";
import type { AccountWorker } from "../worker.ts";
import { order, type Process, user, World } from "./world.ts";

/** A small generator: the same seed, the same venue. */
export class Dice {
	private state: number;

	constructor(seed: number) {
		this.state = seed | 0;
	}

	/** A whole number from 0 to below `n`. */
	roll(n: number): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % n;
	}

	chance(permille: number): boolean {
		return this.roll(1_000) < permille;
	}
}

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
			settings: { accountShards: SHARDS, orderLimits: [] },
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
		void this.request(service, userId).then((outcome) => this.answers.push(outcome));
	}

	private request(service: AccountService, userId: number): Promise<Outcome<unknown>> {
		const { dice } = this;
		const symbolId = 1 + dice.roll(2);
		const caller = user(userId);
		const clientId = `u${userId}-${dice.roll(40)}`;
		const named = { symbolId, orderId: 0, origClientOrderId: clientId, clientOrderId: "own" };
		const place = this.randomOrder(symbolId, `u${userId}-${dice.roll(40)}`);
		switch (dice.roll(10)) {
			case 0:
				return service.cancelOrder(caller, { ...named, restriction: dice.chance(100) ? 1 : 0 });
			case 1:
				return service.cancelAll(caller, symbolId);
			case 2:
			case 3: {
				const mode = dice.roll(2) as CancelReplaceMode;
				const cancel = { ...named, restriction: 0 as const };
				return service.cancelReplace(caller, { mode, cancel, place });
			}
			case 4: {
				const newQtyLots = 1 + dice.roll(10);
				return service.amendOrder(caller, { ...named, clientOrderId: `n${clientId}`, newQtyLots });
			}
			case 5: {
				const externalId = `w${dice.roll(30)}`;
				const amount = BigInt(1 + dice.roll(30)) * 10_000n;
				const request = { userId, assetId: 1 + dice.roll(3), amount, externalId };
				return dice.chance(500) ? service.withdraw(request) : service.deposit(request);
			}
			default:
				return service.placeOrder(caller, place);
		}
	}

	private randomOrder(symbolId: number, clientOrderId: string): ReturnType<typeof order> {
		const { dice } = this;
		const type = (dice.chance(500) ? OrderType.Limit : dice.roll(7)) as OrderType;
		const byQuote = type === OrderType.Market && dice.chance(500);
		return order({
			symbolId,
			clientOrderId,
			clientIdGiven: true,
			side: dice.roll(2) as Side,
			type,
			byQuote,
			timeInForce: (dice.chance(700) ? 0 : dice.roll(3)) as 0,
			stpMode: dice.roll(6) as StpMode,
			priceTicks: 90 + dice.roll(20),
			stopPriceTicks: 90 + dice.roll(20),
			qtyLots: byQuote ? 0 : 1 + dice.roll(20),
			quoteTickLots: byQuote ? 50 + dice.roll(2_000) : 0,
		});
	}
}
