import { SymbolState } from "../../../schemas/order.ts";
import type { Aim } from "./aim.ts";
import { ChangesOfOwner } from "./changes-of-owner.ts";
import type { Cluster } from "./cluster.ts";
import { SYMBOLS, type SymbolName } from "./order-maker.ts";
import { PARTITIONS } from "./size.ts";
import type { World } from "./world.ts";

/** How long the order log writes nothing, ms; how often users then ask for what it should have. */
const BEHIND_MS = 9_000;
const LOOKS = 100;
/** The ledger stands still for so long more than matching, ms. */
const LEDGER_STILL_MS = 2_000;
/** So long who takes orders does not hear that a market is closed, ms. */
const UNHEARD_MS = 300;
/** No clock is so far ahead that somebody has seen a command of then, ms; from then on so long the engine breaks. */
const AHEAD_MS = 1_500;
const BREAKS_FOR_MS = 500;
const UNPUBLISHED_MS = 2_500;
/** So long users trade over a change of the engine, ms. */
const ENGINE_MS = 500;
/** A market that halted is opened again. */
const OPENED_AFTER_MS = [1_000, 3_000, 9_000, 27_000];
/** So many times what they trade else; and how often it is that, where a queue is short. */
const FLOOD = 3;
const FLOODED = 0.4;
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
	private readonly aim: Aim;
	private readonly changes: ChangesOfOwner;
	private undisturbedUntilMs = 0;

	constructor(world: World, cluster: Cluster, aim: Aim) {
		this.world = world;
		this.cluster = cluster;
		this.aim = aim;
		this.changes = new ChangesOfOwner(world, cluster, aim);
	}

	/** One is under way that others would spoil, and that has calls of its own for the right moments. */
	get isUndisturbed(): boolean {
		return this.world.time.monotonicMs() < this.undisturbedUntilMs;
	}

	/** One of them begins. */
	strike(): void {
		const { changes } = this;
		const { random, time } = this.world;
		if (random.chance(UNDISTURBED)) this.undisturbedUntilMs = time.monotonicMs() + UNDISTURBED_MS;
		const role = random.pick(ACCOUNTS);
		if (this.cluster.settings.short !== "none" && random.chance(FLOODED)) return this.flood(role);
		// What seldom hits its rule, or has several to hit, is tried more often.
		switch (random.below(26)) {
			case 0:
			case 1:
				return this.slowOrderLog(role);
			case 2:
				return this.staleArchive(random.below(PARTITIONS));
			case 3:
				return changes.overheard(role);
			case 4:
			case 5:
				return this.closeMarket(random.pick(SYMBOLS));
			case 6:
			case 7:
				return changes.slowTakeOver(role);
			case 8:
				return this.unheardMarketData();
			case 9:
			case 10:
				return changes.unheardTakeOver(role);
			case 11:
			case 12:
				return changes.slowSteps(role);
			case 13:
			case 14:
				return this.breakEngine(random.pick(SYMBOLS));
			case 15:
			case 16:
				return changes.unansweredAmends(role);
			case 17:
			case 18:
				return changes.lateAcknowledgements(role);
			case 19:
			case 20:
				return changes.refusals(role);
			case 21:
				return this.newEngine();
			default:
				return changes.blindZombie(role);
		}
	}

	/** The order log falls behind, and later an account worker begins anew. */
	private slowOrderLog(role: string): void {
		const { world, cluster } = this;
		const { random } = world;
		const life = cluster.of("order-log")?.life;
		if (life === undefined) return;
		world.cutFor(life, "store", random.chance(0.8), BEHIND_MS, "the order log falls behind");
		if (random.chance(0.2)) return;
		const ms = 500 + random.below(1_500);
		this.aim.busy(ms);
		this.aim.later(ms, () => {
			cluster.kill(role);
			this.aim.onceServed(role, () =>
				this.aim.often(role, LOOKS, 1_000, (user) => user.lookBack()),
			);
		});
	}

	/** Nothing of what it publishes gets into the log while its snapshots are stored; then it dies. */
	private staleArchive(partition: number): void {
		const { world, cluster } = this;
		world.tally.add("snapshots run ahead of trades");
		const ms = 500 + world.random.below(1_500);
		world.hold("trades", partition, ms);
		this.aim.later(ms - 1, () => cluster.kill(`matching ${partition}`));
	}

	/** Streams begin, and hear nothing of market data until clients are there. */
	private unheardMarketData(): void {
		const { world, cluster } = this;
		const life = cluster.of("market-data")?.life;
		if (life === undefined) return;
		const ms = 1_500 + world.random.below(1_500);
		world.cutFor(life, "bus", true, ms, "market data is not heard");
		cluster.kill("streams");
		this.aim.busy(ms);
	}

	/** The operator closes a market and opens it again; for a while nobody hears of it, and users trade. */
	private closeMarket(symbol: SymbolName): void {
		const { random, tally, referee } = this.world;
		tally.add("a market is closed");
		const partition = referee.venue.symbol(symbol)?.partition ?? 0;
		if (random.chance(0.5)) this.world.hold("trades", partition, UNHEARD_MS);
		this.aim.busy(UNHEARD_MS);
		this.setState(symbol, random.pick([SymbolState.Halt, SymbolState.CancelOnly]));
		this.world.time.after(100 + random.below(600), () => this.open(symbol));
	}

	/** The engine cannot take an order of a market, or its memory is damaged; users trade. */
	private breakEngine(symbol: SymbolName): void {
		const { random, referee, time, breakingEngine } = this.world;
		const spec = referee.venue.symbol(symbol);
		if (spec === undefined) return;
		const { symbolId, partition } = spec;
		const fromTs = Math.max(time.nowMs(), referee.log.latestTsIn(partition)) + AHEAD_MS;
		const once = random.chance(0.4);
		breakingEngine.breakAt(symbolId, fromTs, fromTs + BREAKS_FOR_MS, once);
		this.aim.later(AHEAD_MS, () => {
			// Until what came before is published a snapshot may be due, of a state that is none.
			const isHeld = random.chance(0.5) && !once;
			if (isHeld) this.world.hold("trades", partition, UNPUBLISHED_MS);
			this.aim.busy(BREAKS_FOR_MS);
			for (const ms of OPENED_AFTER_MS) time.after(ms, () => this.open(symbol));
			// Who comes next says the same of the order.
			if (random.chance(0.5)) {
				time.after(2 * BREAKS_FOR_MS, () => this.cluster.kill(`matching ${partition}`));
			}
		});
	}

	/** A newer engine comes, and the log is to go on by it, while some of matching may still be the older one. */
	private newEngine(): void {
		const { world, cluster } = this;
		world.engineVersion += 1;
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			if (world.random.chance(0.5)) cluster.succeed(`matching ${partition}`);
		}
		world.tally.add("a newer engine comes");
		const venue = cluster.of("venue");
		if (venue?.ready !== true) return;
		// Who dies before the answer leaves the outcome open.
		venue.venue?.setEngineVersion(world.engineVersion).catch(() => {});
		this.aim.busy(ENGINE_MS);
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

	/** Matching stands still, and the ledger now and then, while users call more than there is room for. */
	private flood(role: string): void {
		const { world, cluster } = this;
		const { random } = world;
		const ms = 500 + random.below(1_500);
		this.aim.stopMatching(ms);
		const life = this.aim.owner(role);
		const { short } = cluster.settings;
		if (life !== null && (short === "write-behind" || random.chance(0.3))) {
			world.cutFor(life, "ledger", true, ms + LEDGER_STILL_MS, "the ledger stands still");
			this.aim.later(ms, () => this.aim.busy(LEDGER_STILL_MS));
		}
		for (let n = 0; n < FLOOD; n += 1) this.aim.busy(ms);
	}
}
