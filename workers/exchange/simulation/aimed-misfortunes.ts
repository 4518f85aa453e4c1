import { SymbolState } from "../../../schemas/order.ts";
import { shardOfUser } from "../../../schemas/ports/users.ts";
import type { Cluster } from "./cluster.ts";
import { SYMBOLS, type SymbolName } from "./order-maker.ts";
import type { ProcessLife } from "./process-life.ts";
import { ACCOUNT_SHARDS, PARTITIONS } from "./size.ts";
import type { Trader } from "./trader.ts";
import type { World } from "./world.ts";

/** How long a zombie sees nothing of what its successor does, ms. */
const BLIND_MS = 9_000;
/** A blind zombie sees one thing of what is kept from it so often, ms. */
const GLIMPSE_MS = 100;
const BLINDNESS = ["late commit", "late events", "late clock", "asleep"] as const;
/** How often users ask while two may think that they are the owner. */
const LOOKS = 100;
/** So long who takes orders does not hear that a market is closed, ms. */
const UNHEARD_MS = 300;
/** No clock is so far ahead that somebody has seen a command of then, ms; from then on so long the engine breaks. */
const AHEAD_MS = 1_500;
const BREAKS_FOR_MS = 500;
const UNPUBLISHED_MS = 2_500;
/** A market that halted is opened again. */
const OPENED_AFTER_MS = [1_000, 3_000, 9_000, 27_000];
/** How often they trade where much has to happen at a certain time. */
const TRADES = 40;
/** So many times what they trade else; and how often it is that, where a queue is short. */
const FLOOD = 3;
const FLOODED = 0.4;
/** How long users place orders, and then amend them, before their owner dies, ms; and how often they amend. */
const NEW_ORDERS_MS = 400;
const AMENDS = 40;
/** So long nothing is matched: a take-over, and a while after it, ms. */
const UNANSWERED_MS = 7_000;
/** Until then the next owner has read what there is, ms. */
const STILL_MS = 2_000;
const LOOK_AGAIN_MS = 20;
/** So many of them are left alone, and for so long, ms. */
const UNDISTURBED = 0.7;
const UNDISTURBED_MS = 7_000;
const ACCOUNTS = ["accounts 1", "accounts 2"] as const;

/**
 * Misfortunes that aim at one rule each: what seldom comes together by chance. Where users have to
 * trade or to ask at the right moment they do.
 */
export class AimedMisfortunes {
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly traders: readonly Trader[];
	private readonly act: (trader: Trader) => void;
	private undisturbedUntilMs = 0;

	/** @param act one of a trader's calls, counted like any other */
	constructor(
		world: World,
		cluster: Cluster,
		traders: readonly Trader[],
		act: (trader: Trader) => void,
	) {
		this.world = world;
		this.cluster = cluster;
		this.traders = traders;
		this.act = act;
	}

	/** One is under way that others would spoil, and that has calls of its own for the right moments. */
	get isUndisturbed(): boolean {
		return this.world.time.monotonicMs() < this.undisturbedUntilMs;
	}

	/** One of them begins. */
	strike(): void {
		const { random, time } = this.world;
		if (random.chance(UNDISTURBED)) this.undisturbedUntilMs = time.monotonicMs() + UNDISTURBED_MS;
		const role = random.pick(ACCOUNTS);
		if (this.cluster.settings.short !== "none" && random.chance(FLOODED)) return this.flood(role);
		// What seldom hits its rule, or has several to hit, is tried more often.
		switch (random.below(20)) {
			case 0:
			case 1:
				return this.slowOrderLog(role);
			case 2:
				return this.staleArchive(random.below(PARTITIONS));
			case 3:
				return this.overheard(role);
			case 4:
			case 5:
				return this.closeMarket(random.pick(SYMBOLS));
			case 6:
			case 7:
				return this.slowTakeOver(role);
			case 8:
				return this.unheardMarketData();
			case 9:
			case 10:
				return this.unheardTakeOver(role);
			case 11:
				return this.slowSteps(role);
			case 12:
			case 13:
				return this.breakEngine(random.pick(SYMBOLS));
			case 14:
			case 15:
				return this.unansweredAmends(role);
			default:
				return this.blindZombie(role);
		}
	}

	/** The order log falls behind, and later an account worker begins anew. */
	private slowOrderLog(role: string): void {
		const { world, cluster } = this;
		const { random } = world;
		const life = cluster.of("order-log")?.life;
		if (life === undefined) return;
		world.cutFor(life, "store", random.chance(0.8), BLIND_MS, "the order log falls behind");
		if (random.chance(0.2)) return;
		const ms = 500 + random.below(1_500);
		this.busy(ms);
		this.later(ms, () => {
			cluster.kill(role);
			this.onceServed(role, () => this.often(role, LOOKS, 1_000, (user) => user.lookBack()));
		});
	}

	/** Nothing of what it publishes gets into the log while its snapshots are stored; then it dies. */
	private staleArchive(partition: number): void {
		const { world, cluster } = this;
		world.tally.add("snapshots run ahead of trades");
		const ms = 500 + world.random.below(1_500);
		world.hold("trades", partition, ms);
		this.later(ms - 1, () => cluster.kill(`matching ${partition}`));
	}

	/** The worker who took signed calls dies; somebody who has overheard them sends them to the next. */
	private overheard(role: string): void {
		const { world } = this;
		world.tally.add("signed calls are sent to the next owner");
		this.cluster.kill(role);
		this.later(2_000, () => this.often(role, 24, 3_000, (victim) => victim.replay()));
	}

	/** Streams begin, and hear nothing of market data until clients are there. */
	private unheardMarketData(): void {
		const { world, cluster } = this;
		const life = cluster.of("market-data")?.life;
		if (life === undefined) return;
		const ms = 1_500 + world.random.below(1_500);
		world.cutFor(life, "bus", true, ms, "market data is not heard");
		cluster.kill("streams");
		this.busy(ms);
	}

	/** The operator closes a market and opens it again; for a while nobody hears of it, and users trade. */
	private closeMarket(symbol: SymbolName): void {
		const { random, tally, referee } = this.world;
		tally.add("a market is closed");
		const partition = referee.venue.symbol(symbol)?.partition ?? 0;
		if (random.chance(0.5)) this.world.hold("trades", partition, UNHEARD_MS);
		this.busy(UNHEARD_MS);
		this.setState(symbol, random.pick([SymbolState.Halt, SymbolState.CancelOnly]));
		this.world.time.after(100 + random.below(600), () => this.open(symbol));
	}

	/**
	 * Matching stands still with amends on their way, and their owner dies; the ledger may not have their orders. The
	 * next one is asked for amends of the same.
	 */
	private unansweredAmends(role: string): void {
		const { world, cluster } = this;
		const { random } = world;
		const life = this.owner(role);
		if (life === null) return;
		world.tally.add("amends wait over a start");
		if (random.chance(0.5)) world.cutFor(life, "ledger", true, BLIND_MS, "a ledger is behind");
		this.busy(NEW_ORDERS_MS);
		this.often(role, AMENDS, NEW_ORDERS_MS, (user) => user.amendNewest());
		this.later(NEW_ORDERS_MS, () => {
			for (let partition = 0; partition < PARTITIONS; partition += 1) {
				const matching = cluster.of(`matching ${partition}`)?.life;
				if (matching !== undefined) {
					world.cutFor(matching, "log", true, UNANSWERED_MS, "matching stands still");
				}
			}
			this.often(role, AMENDS, NEW_ORDERS_MS, (user) => user.amendNewest());
			this.later(2 * NEW_ORDERS_MS, () => {
				cluster.kill(role);
				this.onceServed(role, () =>
					this.often(role, AMENDS, STILL_MS, (user) => user.amendNewest()),
				);
			});
		});
	}

	/** The engine cannot take an order of a market, or its memory is damaged; users trade. */
	private breakEngine(symbol: SymbolName): void {
		const { random, referee, time, breakingEngine } = this.world;
		const spec = referee.venue.symbol(symbol);
		if (spec === undefined) return;
		const { symbolId, partition } = spec;
		const fromTs = Math.max(time.nowMs(), referee.log.latestTsIn(partition)) + AHEAD_MS;
		breakingEngine.breakAt(symbolId, fromTs, fromTs + BREAKS_FOR_MS, random.chance(0.4));
		this.later(AHEAD_MS, () => {
			// Until what came before is published a snapshot may be due, of a state that is none.
			if (random.chance(0.5)) this.world.hold("trades", partition, UNPUBLISHED_MS);
			this.busy(BREAKS_FOR_MS);
			for (const ms of OPENED_AFTER_MS) time.after(ms, () => this.open(symbol));
			// Who comes next says the same of the order.
			if (random.chance(0.5))
				time.after(2 * BREAKS_FOR_MS, () => this.cluster.kill(`matching ${partition}`));
		});
	}

	/**
	 * Until it is open: the venue may be away, or die with the command. An operator opens what the venue
	 * tells him is closed.
	 */
	private open(symbol: SymbolName): void {
		const { venue } = this.world.referee;
		if (venue.symbol(symbol)?.state === SymbolState.Trading) return;
		const told = this.cluster.of("venue")?.venue?.view().symbol(symbol);
		if (told?.state !== SymbolState.Trading) this.setState(symbol, SymbolState.Trading);
		this.world.time.after(1_000, () => this.open(symbol));
	}

	private setState(symbol: SymbolName, state: SymbolState): void {
		const spec = this.world.referee.venue.symbol(symbol);
		const process = this.cluster.of("venue");
		if (spec === undefined || process?.ready !== true) return;
		// Who dies before the answer leaves the outcome open.
		process.venue?.setSymbolState(spec, state).catch(() => {});
	}

	/** An owner who is succeeded and does not see it, though something tells him that he still is one. */
	private blindZombie(role: string): void {
		const { world, cluster } = this;
		const { random, time } = world;
		const life = this.owner(role);
		if (life === null) return;
		const how = random.pick(BLINDNESS);
		world.tally.add(`a blind zombie: ${how}`);
		world.cutFor(life, "ledger", false, BLIND_MS, "a zombie is cut off");
		world.cutFor(life, "log", false, BLIND_MS, "a zombie is cut off");
		if (how === "late clock") life.setClock(life.clockOffsetMs - BLIND_MS);
		if (how === "asleep") life.suspend();
		// Until then a commit is done whose answer waits, and events that it has not read come to be.
		const ms = how === "asleep" ? 1 : 100 + random.below(400);
		this.busy(ms);
		this.later(ms, () => {
			if (cluster.of(role)?.life !== life) return;
			cluster.succeed(role);
			this.onceServed(role, () => {
				if (how === "asleep") life.wake();
				if (how === "late commit") time.after(random.below(500), () => life.letThrough("ledger"));
				if (how === "late events") world.trickle(life, "log", GLIMPSE_MS);
				this.busy(1_000);
				this.often(role, LOOKS, 2_000, (user) => user.look());
			});
		});
	}

	/**
	 * The next owner gets its epoch record into one partition long before the other, where the owner of
	 * old goes on, and is proved right by what it reads there, until it goes blind.
	 */
	private slowTakeOver(role: string): void {
		const { world, cluster } = this;
		const { random } = world;
		const life = this.owner(role);
		// Its beats go on.
		const slow = shardOf(role) % PARTITIONS;
		const matching = cluster.of(`matching ${1 - slow}`)?.life;
		if (life === null || matching === undefined) return;
		world.tally.add("a slow take-over");
		const ms = 2_400 + random.below(1_500);
		world.cutFor(matching, "log", true, ms + 2_500, "a partition stands still");
		world.cutFor(life, "ledger", false, BLIND_MS, "a zombie is cut off");
		world.hold("orders", slow, ms);
		cluster.succeed(role);
		this.later(ms - 50, () => world.cutFor(life, "log", false, BLIND_MS, "a zombie is cut off"));
		this.busy(ms);
		this.later(ms, () => {
			this.busy(1_500);
			this.often(role, LOOKS, 2_000, (user) => user.look());
		});
	}

	/**
	 * An owner dies whose last words the ledger does not have. Clients of the streams have heard those of
	 * one partition, and hear neither the rest nor what the next owner says before all goes on.
	 */
	private unheardTakeOver(role: string): void {
		const { world, cluster } = this;
		const { random } = world;
		const life = this.owner(role);
		if (life === null) return;
		world.cutFor(life, "ledger", true, BLIND_MS, "a take-over is not heard");
		const beginsMs = 100 + random.below(200);
		const diesMs = beginsMs + 50 + random.below(200);
		const still = (which: string, way: "log" | "bus", ms: number): void => {
			const there = cluster.of(which)?.life;
			if (there !== undefined) world.cutFor(there, way, way === "log", ms, "all stands still");
		};
		// The next owner reads partition 1 last: its newest word then is one that clients have heard.
		this.later(beginsMs, () => {
			still("streams", "bus", diesMs - beginsMs + STILL_MS);
			still("matching 1", "log", diesMs - beginsMs + STILL_MS);
		});
		this.later(diesMs, () => {
			still("matching 0", "log", STILL_MS);
			if (cluster.of(role)?.life === life) cluster.kill(role);
		});
		this.busy(diesMs);
	}

	/** The next owner's first steps are slow: the one before goes on, or one more overtakes it. */
	private slowSteps(role: string): void {
		const { world, cluster } = this;
		const { random } = world;
		if (this.owner(role) === null) return;
		cluster.succeed(role);
		const life = cluster.of(role)?.life;
		if (life === undefined) return;
		if (random.chance(0.5)) {
			world.cutFor(life, "ledger", false, 1_000, "a start is slow");
			world.trickle(life, "ledger", 100 + random.below(300));
		} else {
			world.cutFor(life, "log", true, 500 + random.below(500), "a start is overtaken");
			cluster.succeed(role);
		}
	}

	/** Matching stands still, and the ledger now and then, while users call more than there is room for. */
	private flood(role: string): void {
		const { world, cluster } = this;
		const { random } = world;
		const ms = 500 + random.below(1_500);
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			const life = cluster.of(`matching ${partition}`)?.life;
			if (life !== undefined) world.cutFor(life, "log", true, ms, "matching stands still");
		}
		const life = this.owner(role);
		const { short } = cluster.settings;
		if (life !== null && (short === "write-behind" || random.chance(0.3))) {
			world.cutFor(life, "ledger", true, ms + STILL_MS, "the ledger stands still");
			this.later(ms, () => this.busy(STILL_MS));
		}
		for (let n = 0; n < FLOOD; n += 1) this.busy(ms);
	}

	/** A process of the role that does its work; null when there is none. */
	private owner(role: string): ProcessLife | null {
		const process = this.cluster.of(role);
		return process?.ready === true && !process.life.paused ? process.life : null;
	}

	/** When the role's newest process serves, if the weather is rough until then. */
	private onceServed(role: string, act: () => void): void {
		this.later(LOOK_AGAIN_MS, () => {
			if (this.cluster.of(role)?.ready === true) act();
			else this.onceServed(role, act);
		});
	}

	/** All users trade much for so long. */
	private busy(forMs: number): void {
		const { random } = this.world;
		for (let n = 0; n < TRADES; n += 1) {
			this.later(random.below(forMs), () => this.act(random.pick(this.traders)));
		}
	}

	/** Users of an account worker's shard do something so often within so long. */
	private often(
		role: string,
		times: number,
		withinMs: number,
		act: (trader: Trader) => Promise<number>,
	): void {
		const { random } = this.world;
		const users = this.traders.filter(
			({ userId }) => shardOfUser(userId, ACCOUNT_SHARDS) === shardOf(role),
		);
		for (let n = 0; n < times && users.length > 0; n += 1) {
			this.later(random.below(withinMs), () => void act(random.pick(users)));
		}
	}

	/** Unless the weather has calmed down by then. */
	private later(ms: number, strike: () => void): void {
		this.world.time.after(ms, () => {
			if (this.world.isRough) strike();
		});
	}
}

function shardOf(role: string): number {
	return Number(role.split(" ")[1]);
}
