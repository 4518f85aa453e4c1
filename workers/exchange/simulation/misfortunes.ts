import type { AimedMisfortunes } from "./aimed-misfortunes.ts";
import type { Cluster } from "./cluster.ts";
import { ROLES } from "./processes.ts";
import { ACCOUNT_SHARDS } from "./size.ts";
import type { Listener } from "./streams/listener.ts";
import type { World } from "./world.ts";

/** Backups of the ledger that are kept to be restored. */
const BACKUPS = 3;
/** Whom misfortune hits: those with state of their own more often. */
const TARGETS = [...ROLES, "accounts 1", "accounts 2", "accounts 1", "accounts 2", "matching 0"];

/**
 * What befalls the exchange between two steps of anything, by the odds of the weather: deaths, pauses,
 * cuts and doubles of anybody, and now and then something that aims at one rule.
 */
export class Misfortunes {
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly aimed: AimedMisfortunes;
	private readonly listeners: readonly Listener[];
	private backups: (() => void)[] = [];

	constructor(
		world: World,
		cluster: Cluster,
		aimed: AimedMisfortunes,
		listeners: readonly Listener[],
	) {
		this.world = world;
		this.cluster = cluster;
		this.aimed = aimed;
		this.listeners = listeners;
	}

	/** One that aims at a rule is to work undisturbed. */
	get isUndisturbed(): boolean {
		return this.aimed.isUndisturbed;
	}

	/** One turn's worth. */
	strike(): void {
		const { world, cluster } = this;
		const { random, weather } = world;
		if (this.isUndisturbed) return;
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
		if (random.chance(weather.aimedTurn)) this.aimed.strike();
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
		for (const role of ["venue", "accounts 1", "accounts 2"]) this.cluster.kill(role);
		random.pick(this.backups)();
		for (let shard = 0; shard <= ACCOUNT_SHARDS; shard += 1) {
			const epoch = database.raiseEpoch(shard, referee.ledger.greatestEpoch(shard) + 1);
			referee.raised(shard, epoch);
		}
		referee.restored(database);
		this.world.restoredAtMs = this.world.time.monotonicMs();
		transfers.restored();
		this.world.checkWhole();
	}
}
