import { shardOfUser } from "../../../schemas/ports/users.ts";
import { RunningHash } from "../../../schemas/running-hash.ts";
import { ensureMarkets } from "../first-start.ts";
import { Aim } from "./aim.ts";
import { AimedMisfortunes } from "./aimed-misfortunes.ts";
import { Cluster } from "./cluster.ts";
import { Misfortunes } from "./misfortunes.ts";
import { settingsOf } from "./processes.ts";
import { OrderLogCheck } from "./referee/order-log-check.ts";
import { comeToRest } from "./rest.ts";
import { SeededRandom } from "./seeded-random.ts";
import { queueBounds, shortQueueOf } from "./short-queue.ts";
import { ACCOUNT_SHARDS, PARTITIONS } from "./size.ts";
import { Bystander } from "./streams/bystander.ts";
import { Listener } from "./streams/listener.ts";
import { MarketSession } from "./streams/market-session.ts";
import { UserSession } from "./streams/user-session.ts";
import { Trader } from "./trader.ts";
import { trial } from "./trials.ts";
import { weatherOf } from "./weather.ts";
import { World } from "./world.ts";

/** What became of a seed. */
export interface SeedReport {
	/** Over every reply, every record of `trades` and the ledger's balances at the end. */
	readonly trace: string;
	/** In words; none when the exchange kept its word. */
	readonly faults: readonly string[];
	readonly calls: number;
	/** Simulated ms. */
	readonly elapsedMs: number;
	/** How often each thing happened: faults, steps, statuses. */
	readonly counts: readonly (readonly [string, number])[];
}

const TRADERS = 4;
/** How many of the seeds end in a trial. */
const TRIED = 0.3;
/** Calls between two rests, about. */
const REST_EVERY = 600;
/** So many rests are followed by some time without the ledger, ms. */
const LEDGERLESS = 0.4;
const LEDGERLESS_MS = 3_500;
/** Of their calls users make so many while a misfortune is to work undisturbed: it takes its time. */
const EAGER_MEANWHILE = 0.1;

/**
 * The whole exchange under one seed: users trade through the edge, each worker lives and dies by
 * itself, the world loses, doubles and delays what it may; the referee holds every step against the
 * invariants. The same seed gives the same trace.
 */
export async function runSeed(seed: number, operations: number): Promise<SeedReport> {
	return new Run(seed, operations).run();
}

class Run {
	private readonly random: SeededRandom;
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly operations: number;
	private readonly trace = new RunningHash();
	private traders: Trader[] = [];
	private listeners: Listener[] = [];
	private misfortunes: Misfortunes | null = null;
	private readonly orderLogCheck: OrderLogCheck;
	private calls = 0;

	constructor(seed: number, operations: number) {
		this.random = new SeededRandom(seed);
		const short = shortQueueOf(this.random);
		this.world = new World(this.random, weatherOf(this.random), queueBounds(short));
		this.cluster = new Cluster(this.world, settingsOf(this.random, short));
		this.operations = operations;
		this.orderLogCheck = new OrderLogCheck(this.world);
	}

	async run(): Promise<SeedReport> {
		const { world } = this;
		let trialFaults: string[] = [];
		world.breakingEngine.install();
		try {
			await this.begin();
			while (this.goesOn() && world.faults.length === 0) await this.turn();
			if (world.faults.length === 0) await this.rest();
			const isTried = world.faults.length === 0 && this.random.chance(TRIED);
			if (isTried) trialFaults = await this.tried();
		} catch (error) {
			world.fault(error instanceof Error ? error.message : String(error));
		} finally {
			world.breakingEngine.remove();
		}
		const trace = this.trace.digest();
		await world.close();
		return {
			trace,
			faults: [...world.faults, ...trialFaults],
			calls: this.calls,
			elapsedMs: world.time.monotonicMs(),
			counts: world.tally.entries(),
		};
	}

	private async begin(): Promise<void> {
		const { world, cluster } = this;
		world.calm();
		cluster.bootAll();
		await world.untilHolds(() => cluster.allReady(), "the exchange starts");
		const venue = cluster.of("venue")?.venue;
		if (venue === undefined) throw new Error("there is no venue");
		await world.until(ensureMarkets(venue, PARTITIONS), "the markets are there");
		await world.time.advance(100);
		const heard = (text: string): void => this.trace.addText(text);
		for (let i = 0; i < TRADERS; i += 1) {
			this.traders.push(await world.until(Trader.join(world, cluster, heard), "a trader joins"));
		}
		this.listeners = [
			...[true, false].map((byFrames) => this.marketListener(byFrames)),
			this.bystander(),
			...this.traders.map((trader) => this.userListener(trader)),
		];
		for (const listener of this.listeners) void listener.connect();
		world.onWhole = () => {
			for (const listener of this.listeners) listener.whole();
		};
		const aim = new Aim(world, cluster, this.traders, (trader, call) => this.act(trader, call));
		const aimed = new AimedMisfortunes(world, cluster, aim);
		this.misfortunes = new Misfortunes(world, cluster, aimed, this.listeners);
		world.roughen();
	}

	private marketListener(byFrames: boolean): Listener {
		const { world, cluster } = this;
		const [trader] = this.traders as [Trader, ...Trader[]];
		const target = byFrames ? "/ws" : MarketSession.target;
		const begin = () =>
			new MarketSession(world, (path, parameters) => trader.ask(path, parameters), byFrames);
		return new Listener(world, cluster, () => Promise.resolve(target), begin);
	}

	private bystander(): Listener {
		const { world, cluster } = this;
		const target = () => Promise.resolve(MarketSession.target);
		return new Listener(world, cluster, target, () => new Bystander());
	}

	private userListener(trader: Trader): Listener {
		const { world, cluster } = this;
		const target = async (): Promise<string | null> => {
			const key = await trader.listenKey();
			return key === null ? null : `/ws/${key}`;
		};
		return new Listener(world, cluster, target, () => new UserSession(world, trader.userId));
	}

	private get isUndisturbed(): boolean {
		return this.misfortunes?.isUndisturbed === true;
	}

	private goesOn(): boolean {
		return this.calls < this.operations || this.isUndisturbed;
	}

	/** A few calls at once, some steps of the world, and what the weather does in them. */
	private async turn(): Promise<void> {
		const { random, world } = this;
		const eager = this.isUndisturbed ? EAGER_MEANWHILE : 1;
		for (let n = random.below(5) + 1; n > 0; n -= 1) {
			const trader = random.pick(this.traders);
			// Few go on calling while nobody is there to answer.
			if (random.chance(this.isServed(trader) ? eager : 0.4 * eager)) this.act(trader);
		}
		await world.steps(random.below(24));
		this.misfortunes?.strike();
		if (!this.isUndisturbed && random.chance(1 / REST_EVERY)) await this.rest();
	}

	private isServed({ userId }: Trader): boolean {
		return this.cluster.of(`accounts ${shardOfUser(userId, ACCOUNT_SHARDS)}`)?.ready === true;
	}

	private act(trader: Trader, call = (id: number) => trader.act(id)): void {
		this.calls += 1;
		const { world } = this;
		call(this.calls).then(
			(status) => {
				world.tally.add(`status ${status}`);
				if (status >= 500 && status !== 503) world.fault(`a call was answered with ${status}`);
			},
			(error) => world.fault(`a call was rejected: ${error?.stack ?? error}`),
		);
	}

	private async rest(): Promise<void> {
		const { world, cluster } = this;
		const streams = cluster.of("streams")?.life;
		if (streams !== undefined && this.random.chance(0.4)) {
			// What is said last has no next message to show that it was lost.
			world.cutFor(streams, "bus", false, 1_000, "the last messages are lost");
			await world.steps(60);
		}
		await comeToRest(world, cluster, this.orderLogCheck);
		for (const trader of this.traders) {
			await world.until(trader.takeStock(), "a trader has taken stock");
		}
		const lacks = () => this.listeners.map((listener) => listener.lacks()).find((one) => one);
		const heard = (): boolean => lacks() === undefined;
		await world.untilHolds(heard, () => `a client of the streams has heard ${lacks()}`);
		for (const listener of this.listeners) listener.takeStock();
		if (this.random.chance(LEDGERLESS)) await this.withoutLedger();
		world.roughen();
	}

	/** For longer than a lease nothing can be written to the ledger: trading and reads go on. */
	private async withoutLedger(): Promise<void> {
		const { world, cluster } = this;
		for (let shard = 1; shard <= ACCOUNT_SHARDS; shard += 1) {
			const life = cluster.of(`accounts ${shard}`)?.life;
			if (life === undefined) continue;
			world.cutFor(life, "ledger", true, LEDGERLESS_MS, "the ledger is away at rest");
		}
		await world.time.advance(LEDGERLESS_MS - 500);
		for (const trader of this.traders) {
			await world.until(trader.goesOn(), "a trader goes on without the ledger");
		}
	}

	/** Last of all, something that must not go unnoticed. */
	private async tried(): Promise<string[]> {
		this.closeTrace();
		this.world.calm();
		return trial(this.world, this.cluster);
	}

	private closeTrace(): void {
		const { log } = this.world.referee;
		for (const [partition, end] of log.ends().entries()) {
			this.trace.addText(log.hashAt(partition, end));
			this.trace.add(end);
		}
		for (let shard = 1; shard <= ACCOUNT_SHARDS; shard += 1) {
			for (const { accountId, assetId, available, held } of this.world.database.load(shard)
				.balances) {
				this.trace.addText(`${accountId}/${assetId}: ${available} ${held}`);
			}
		}
	}
}
