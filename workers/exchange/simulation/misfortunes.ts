import { SymbolState } from "../../../schemas/order.ts";
import { shardOfUser } from "../../../schemas/ports/users.ts";
import type { Cluster } from "./cluster.ts";
import { SYMBOLS, type SymbolName } from "./order-maker.ts";
import type { ProcessLife } from "./process-life.ts";
import { ROLES } from "./processes.ts";
import type { Listener } from "./streams/listener.ts";
import type { Trader } from "./trader.ts";
import { ACCOUNT_SHARDS, type World } from "./world.ts";

/** Backups of the ledger that are kept to be restored. */
const BACKUPS = 3;
/** Whom misfortune hits: those with state of their own more often. */
const TARGETS = [...ROLES, "accounts 1", "accounts 2", "accounts 1", "accounts 2", "matching 0"];
/** How long a zombie sees nothing of what its successor does, ms. */
const BLIND_MS = 9_000;
/** The first two deceive only while much happens at the right moments: they are tried more often. */
const BLINDNESS = [
	...(["late commit", "late events"] as const),
	...(["late commit", "late events", "late clock", "asleep"] as const),
];
/** How often users ask while two may think that they are the owner. */
const LOOKS = 100;
const ACCOUNTS = ["accounts 1", "accounts 2"] as const;

/**
 * What befalls the exchange between two steps of anything, by the odds of the weather: deaths, pauses,
 * cuts and doubles of anybody, and a few that aim at one rule each.
 */
export class Misfortunes {
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly traders: readonly Trader[];
	private readonly listeners: readonly Listener[];
	private backups: (() => void)[] = [];

	constructor(
		world: World,
		cluster: Cluster,
		traders: readonly Trader[],
		listeners: readonly Listener[],
	) {
		this.world = world;
		this.cluster = cluster;
		this.traders = traders;
		this.listeners = listeners;
	}

	/** One turn's worth. */
	strike(): void {
		const { world, cluster } = this;
		const { random, weather } = world;
		const role = (): string => random.pick(TARGETS);
		if (random.chance(weather.killTurn)) cluster.kill(role());
		if (random.chance(weather.doubleTurn)) {
			cluster.double(role());
			if (random.chance(0.5)) cluster.double(role());
		}
		if (random.chance(weather.pauseTurn)) cluster.pause(role(), random.pick([50, 500, 3_000]));
		if (random.chance(weather.cutTurn)) this.cut(role());
		if (random.chance(weather.clockStepTurn)) this.stepClock(role());
		if (random.chance(weather.clientTurn)) random.pick(this.listeners).misbehave();
		if (random.chance(weather.aimedTurn)) this.aim();
		if (random.chance(weather.blackoutTurn)) cluster.blackout();
		if (weather.restoreTurn > 0 && random.chance(0.01)) {
			this.backups.push(world.database.backup());
			if (this.backups.length > BACKUPS) this.backups.splice(random.below(BACKUPS), 1);
		}
		if (this.backups.length > 0 && random.chance(weather.restoreTurn)) this.restore();
	}

	private cut(role: string): void {
		const { random } = this.world;
		const life = this.cluster.of(role)?.life;
		const way = random.pick(["log", "ledger", "bus", "link", "store"] as const);
		const ms = 50 + random.below(4_000);
		if (life !== undefined) this.world.cutFor(life, way, random.chance(0.5), ms, `cut off: ${way}`);
	}

	/** A wall clock is set. */
	private stepClock(role: string): void {
		const life = this.cluster.of(role)?.life;
		if (life === undefined) return;
		this.world.tally.add("a clock is set");
		const { clockSkewMs } = this.world.weather;
		const { random } = this.world;
		life.setClock(random.below(2 * clockSkewMs + 1) - clockSkewMs - random.pick([0, 3_000]));
	}

	/** An earlier ledger comes back; who was not killed may not have heard of it. */
	private restore(): void {
		const { random, tally, database, referee, transfers } = this.world;
		tally.add("the ledger is restored");
		for (const role of ["venue", ...ACCOUNTS]) this.cluster.kill(role);
		random.pick(this.backups)();
		for (let shard = 0; shard <= ACCOUNT_SHARDS; shard += 1) {
			const epoch = database.raiseEpoch(shard, referee.ledger.greatestEpoch(shard) + 1);
			referee.raised(shard, epoch);
		}
		referee.restored(database);
		transfers.restored();
		this.world.checkWhole();
	}

	private aim(): void {
		const { random } = this.world;
		switch (random.below(8)) {
			case 0:
				return this.slowOrderLog();
			case 1:
				return this.staleArchive(random.pick(["matching 0", "matching 1"]));
			case 2:
				return this.overheard(random.pick(ACCOUNTS));
			case 3:
				return this.closeMarket(random.pick(SYMBOLS));
			case 4:
				return this.slowTakeOver(random.pick(ACCOUNTS));
			case 5:
				return this.marketDataBegins();
			default:
				return this.blindZombie(random.pick(ACCOUNTS));
		}
	}

	/** The order log falls behind, and an account worker begins anew meanwhile. */
	private slowOrderLog(): void {
		const { world, cluster } = this;
		const { random } = world;
		const life = cluster.of("order-log")?.life;
		if (life === undefined) return;
		const ms = 3_000 + 3 * random.below(2_000);
		world.cutFor(life, "store", random.chance(0.8), ms, "the order log falls behind");
		if (random.chance(0.5)) return;
		const role = random.pick(ACCOUNTS);
		this.later(random.below(ms / 3), () => this.cluster.kill(role));
		this.often(role, LOOKS, ms / 3, ms, (user) => user.list());
	}

	/** What it publishes is held up while its snapshots are stored; then it dies. */
	private staleArchive(role: string): void {
		const { world, cluster } = this;
		const life = cluster.of(role)?.life;
		if (life === undefined) return;
		const ms = 400 + world.random.below(1_500);
		world.cutFor(life, "log", true, ms, "snapshots run ahead of trades");
		this.later(ms - 1, () => {
			if (cluster.of(role)?.life === life) this.cluster.kill(role);
		});
	}

	/** The worker who took signed calls dies; somebody who has overheard them sends them to the next. */
	private overheard(role: string): void {
		const { world } = this;
		world.tally.add("signed calls are sent to the next owner");
		this.cluster.kill(role);
		this.often(role, 24, 2_000, 3_000, (victim) => victim.replay());
	}

	/** Users of an account worker's shard do something so often, from then on for so long. */
	private often(
		role: string,
		times: number,
		fromMs: number,
		forMs: number,
		act: (trader: Trader) => Promise<number>,
	): void {
		const { random } = this.world;
		const shard = Number(role.split(" ")[1]);
		const users = this.traders.filter(
			({ userId }) => shardOfUser(userId, ACCOUNT_SHARDS) === shard,
		);
		for (let n = 0; n < times && users.length > 0; n += 1) {
			this.later(fromMs + random.below(forMs), () => void act(random.pick(users)));
		}
	}

	/** Nobody knows what market data said before. */
	private marketDataBegins(): void {
		this.world.tally.add("market data and streams begin together");
		this.cluster.kill("market-data");
		this.cluster.kill("streams");
	}

	/** The operator closes a market and opens it again. */
	private closeMarket(symbol: SymbolName): void {
		const { random, tally } = this.world;
		tally.add("a market is closed");
		this.setState(symbol, random.pick([SymbolState.Halt, SymbolState.CancelOnly]));
		this.world.time.after(100 + random.below(600), () => this.open(symbol));
	}

	/** Until it is open: the venue may be away, or die with the command. */
	private open(symbol: SymbolName): void {
		const { venue } = this.world.referee;
		if (venue.symbol(symbol)?.state === SymbolState.Trading) return;
		this.setState(symbol, SymbolState.Trading);
		this.world.time.after(1_000, () => this.open(symbol));
	}

	private setState(symbol: SymbolName, state: SymbolState): void {
		const spec = this.world.referee.venue.symbol(symbol);
		const process = this.cluster.of("venue");
		if (spec === undefined || process?.ready !== true) return;
		// Who dies before the answer leaves the outcome open.
		process.venue?.setSymbolState(spec, state).catch(() => {});
	}

	/** Unless the weather has calmed down by then. */
	private later(ms: number, strike: () => void): void {
		this.world.time.after(ms, () => {
			if (this.world.isRough) strike();
		});
	}

	/** An owner who is succeeded and does not see it, though something tells him that he still is one. */
	private blindZombie(role: string): void {
		const { world, cluster } = this;
		const { random, time } = world;
		const life = this.owner(role);
		if (life === null) return;
		const how = random.pick(BLINDNESS);
		world.tally.add(`a blind zombie: ${how}`);
		const lateMs = how === "late commit" ? 3_000 + random.below(2_000) : BLIND_MS;
		world.cutFor(life, "ledger", false, lateMs, "a zombie is cut off");
		if (how === "late events") {
			world.trickleFor(life, "log", 150 + random.below(250), BLIND_MS, "the log trickles");
		} else world.cutFor(life, "log", false, BLIND_MS, "a zombie is cut off");
		if (how === "late commit") {
			time.after(lateMs, () => world.cutFor(life, "ledger", true, 4_000, "a zombie is cut off"));
		}
		if (how === "late clock") life.setClock(life.clockOffsetMs - 1_000 - random.below(10_000));
		if (how === "asleep") {
			life.suspend();
			time.after(2_400 + random.below(3_000), () => life.wake());
		}
		// Until then a commit is done whose answer waits, and events that it has not read come to be.
		this.later(how === "asleep" ? 0 : 300 + random.below(900), () => {
			if (cluster.of(role)?.life !== life) return;
			cluster.succeed(role);
			this.often(role, LOOKS, 0, 3_000, (user) => user.look());
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
		const [quick, slow] = random.pick([
			[0, 1],
			[1, 0],
		] as const);
		const matching = cluster.of(`matching ${quick}`)?.life;
		if (life === null || matching === undefined) return;
		world.tally.add("a slow take-over");
		const ms = 2_400 + random.below(1_500);
		world.cutFor(matching, "log", true, ms + 2_500, "a partition stands still");
		world.cutFor(life, "ledger", false, BLIND_MS, "a zombie is cut off");
		world.holdEpochs(slow, ms);
		cluster.succeed(role);
		this.later(ms - 50, () => world.cutFor(life, "log", false, BLIND_MS, "a zombie is cut off"));
		this.often(role, LOOKS, ms, 2_000, (user) => user.look());
	}

	/** A process of the role that does its work; null when there is none. */
	private owner(role: string): ProcessLife | null {
		const process = this.cluster.of(role);
		return process?.ready === true && !process.life.paused ? process.life : null;
	}
}
