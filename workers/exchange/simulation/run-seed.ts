import { RunningHash } from "../../../schemas/running-hash.ts";
import { ensureMarkets } from "../first-start.ts";
import { Cluster } from "./cluster.ts";
import { ROLES, settingsOf } from "./processes.ts";
import { checkWhole, comeToRest } from "./rest.ts";
import { SeededRandom } from "./seeded-random.ts";
import { Listener } from "./streams/listener.ts";
import { MarketSession } from "./streams/market-session.ts";
import { UserSession } from "./streams/user-session.ts";
import { Trader } from "./trader.ts";
import { weatherOf } from "./weather.ts";
import { ACCOUNT_SHARDS, PARTITIONS, World } from "./world.ts";

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
/** Backups of the ledger that are kept to be restored. */
const BACKUPS = 3;
/** Whom misfortune hits: those with state of their own more often. */
const TARGETS = [...ROLES, "accounts 1", "accounts 2", "accounts 1", "accounts 2", "matching 0"];
/** Calls between two rests, about. */
const REST_EVERY = 600;

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
	private backups: (() => void)[] = [];
	private calls = 0;

	constructor(seed: number, operations: number) {
		this.random = new SeededRandom(seed);
		this.world = new World(this.random, weatherOf(this.random));
		this.cluster = new Cluster(this.world, settingsOf(this.random));
		this.operations = operations;
	}

	async run(): Promise<SeedReport> {
		const { world } = this;
		try {
			await this.begin();
			while (this.calls < this.operations && world.faults.length === 0) await this.turn();
			if (world.faults.length === 0) await this.rest();
		} catch (error) {
			world.fault(error instanceof Error ? `${error.message}` : String(error));
		}
		const trace = await this.closeTrace();
		await world.close();
		const { calls, world: w } = this;
		const elapsedMs = w.time.monotonicMs();
		return { trace, faults: w.faults, calls, elapsedMs, counts: w.tally.entries() };
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
			...this.traders.map((trader) => this.userListener(trader)),
		];
		for (const listener of this.listeners) void listener.connect();
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

	private userListener(trader: Trader): Listener {
		const { world, cluster } = this;
		const target = async (): Promise<string | null> => {
			const key = await trader.listenKey();
			return key === null ? null : `/ws/${key}`;
		};
		return new Listener(world, cluster, target, () => new UserSession(world, trader.userId));
	}

	/** A few calls at once, some steps of the world, and what the weather does in them. */
	private async turn(): Promise<void> {
		const { random, world } = this;
		for (let n = random.below(5) + 1; n > 0; n -= 1) this.act(random.pick(this.traders));
		await world.steps(random.below(24));
		this.misfortune();
		if (random.chance(1 / REST_EVERY)) await this.rest();
	}

	private act(trader: Trader): void {
		this.calls += 1;
		const { world } = this;
		trader.act(this.calls).then(
			(status) => {
				world.tally.add(`status ${status}`);
				if (status >= 500 && status !== 503) world.fault(`a call was answered with ${status}`);
			},
			(error) => world.fault(`a call was rejected: ${error?.stack ?? error}`),
		);
	}

	private misfortune(): void {
		const { random, world, cluster } = this;
		const { weather } = world;
		const role = (): string => random.pick(TARGETS);
		if (random.chance(weather.killTurn)) {
			cluster.kill(role());
			checkWhole(world);
		}
		if (random.chance(weather.doubleTurn)) {
			cluster.double(role());
			if (random.chance(0.5)) cluster.double(role());
		}
		if (random.chance(weather.pauseTurn)) cluster.pause(role(), random.pick([50, 500, 3_000]));
		if (random.chance(weather.cutTurn)) this.cut(role());
		if (random.chance(weather.clockStepTurn)) this.stepClock(role());
		if (random.chance(weather.clientTurn)) random.pick(this.listeners).misbehave();
		if (random.chance(weather.blackoutTurn)) {
			cluster.blackout();
			checkWhole(world);
		}
		if (weather.restoreTurn > 0 && random.chance(0.01)) {
			this.backups.push(world.database.backup());
			if (this.backups.length > BACKUPS) this.backups.splice(random.below(BACKUPS), 1);
		}
		if (this.backups.length > 0 && random.chance(weather.restoreTurn)) this.restore();
	}

	private cut(role: string): void {
		const { random, world } = this;
		const life = this.cluster.of(role)?.life;
		const way = random.pick(["log", "ledger", "bus", "link"] as const);
		const ms = 50 + random.below(4_000);
		if (life !== undefined) world.cutFor(life, way, random.chance(0.5), ms, `cut off: ${way}`);
	}

	/** A wall clock is set. */
	private stepClock(role: string): void {
		const life = this.cluster.of(role)?.life;
		if (life === undefined) return;
		this.world.tally.add("a clock is set");
		const { clockSkewMs } = this.world.weather;
		life.clockOffsetMs =
			this.random.below(2 * clockSkewMs + 1) - clockSkewMs - this.random.pick([0, 3_000]);
	}

	/** An earlier ledger comes back, and its users with it; others may not have heard of it. */
	private restore(): void {
		const { random, world, cluster } = this;
		world.tally.add("the ledger is restored");
		for (const role of ["venue", "accounts 1", "accounts 2"]) cluster.kill(role);
		random.pick(this.backups)();
		for (let shard = 0; shard <= ACCOUNT_SHARDS; shard += 1) {
			const epoch = world.database.raiseEpoch(shard, world.referee.ledger.greatestEpoch(shard) + 1);
			world.referee.raised(shard, epoch);
		}
		world.referee.restored(world.database);
		checkWhole(world);
	}

	private async rest(): Promise<void> {
		const { world, cluster } = this;
		await comeToRest(world, cluster);
		for (const trader of this.traders) {
			await world.until(trader.takeStock(), "a trader has taken stock");
		}
		const lacks = () => this.listeners.map((listener) => listener.lacks()).find((one) => one);
		const heard = (): boolean => lacks() === undefined;
		await world.untilHolds(heard, () => `a client of the streams has heard ${lacks()}`);
		for (const listener of this.listeners) listener.takeStock();
		world.roughen();
	}

	private async closeTrace(): Promise<string> {
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
		return this.trace.digest();
	}
}
