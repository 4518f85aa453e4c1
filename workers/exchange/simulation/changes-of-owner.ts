import { type Aim, shardOf } from "./aim.ts";
import type { Cluster } from "./cluster.ts";
import type { ProcessLife } from "./process-life.ts";
import { PARTITIONS } from "./size.ts";
import type { World } from "./world.ts";

/** How long a zombie sees nothing of what its successor does, ms. */
const BLIND_MS = 9_000;
/** A blind zombie sees one thing of what is kept from it so often, ms. */
const GLIMPSE_MS = 100;
const BLINDNESS = ["late commit", "late events", "late clock", "asleep"] as const;
/** How often users ask while two may think that they are the owner. */
const LOOKS = 100;
/** How long users place orders, and then amend them, before their owner dies, ms; and how often they amend. */
const NEW_ORDERS_MS = 400;
const AMENDS = 40;
/** So long nothing is matched: a take-over, and a while after it, ms. */
const UNANSWERED_MS = 7_000;
/** Until then what was answered is in the ledger, ms. */
const COMMITTED_MS = 500;
/** An owner who was last seen in the log then is past answering, if nothing else has seen it since, ms. */
const UNPROVED_MS = 3_600;
/** So many calls of which many are refused, and for so long, ms. */
const REFUSED = 60;
const REFUSALS_MS = 1_500;
/** Until then the next owner has read what there is, ms. */
const STILL_MS = 2_000;

/** Misfortunes of account workers at the end of one and the beginning of the next. */
export class ChangesOfOwner {
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly aim: Aim;

	constructor(world: World, cluster: Cluster, aim: Aim) {
		this.world = world;
		this.cluster = cluster;
		this.aim = aim;
	}

	/** The worker who took signed calls dies; somebody who has overheard them sends them to the next. */
	overheard(role: string): void {
		const { world, aim } = this;
		world.tally.add("signed calls are sent to the next owner");
		this.cluster.kill(role);
		aim.later(2_000, () => aim.often(role, 24, 3_000, (victim) => victim.replay()));
	}

	/**
	 * Matching stands still with amends on their way, and their owner dies; the ledger may not have their orders. The
	 * next one is asked for amends of the same.
	 */
	unansweredAmends(role: string): void {
		const { world, cluster, aim } = this;
		const { random } = world;
		const life = aim.owner(role);
		if (life === null) return;
		world.tally.add("amends wait over a start");
		if (random.chance(0.5)) world.cutFor(life, "ledger", true, BLIND_MS, "a ledger is behind");
		aim.busy(NEW_ORDERS_MS);
		aim.often(role, AMENDS, NEW_ORDERS_MS, (user) => user.amendNewest());
		aim.later(NEW_ORDERS_MS, () => {
			aim.stopMatching(UNANSWERED_MS);
			aim.often(role, AMENDS, NEW_ORDERS_MS, (user) => user.amendNewest());
			aim.later(2 * NEW_ORDERS_MS, () => {
				cluster.kill(role);
				aim.onceServed(role, () => aim.often(role, AMENDS, STILL_MS, (user) => user.amendNewest()));
			});
		});
	}

	/**
	 * An owner hears what its amends did before it hears that they are in the log, the ledger has it, and it dies: the
	 * next one reads commands that are answered. It is asked for amends of the same orders.
	 */
	lateAcknowledgements(role: string): void {
		const { world, aim } = this;
		const life = aim.owner(role);
		if (life === null) return;
		world.tally.add("amends are answered before they are acknowledged");
		aim.busy(NEW_ORDERS_MS);
		aim.later(NEW_ORDERS_MS, () => {
			world.cutFor(life, "acknowledgements", false, BLIND_MS, "acknowledgements are late");
			aim.often(role, AMENDS, 1, (user) => user.amendNewest());
			aim.later(COMMITTED_MS, () => {
				this.succeeded(role, life, () =>
					aim.often(role, AMENDS, STILL_MS, (user) => user.amendNewest()),
				);
			});
		});
	}

	/**
	 * An owner reaches the ledger and not the log: orders stay without an answer, others are refused for what those
	 * hold, and it dies. Somebody who has overheard them sends them to the next one.
	 */
	refusals(role: string): void {
		const { world, aim } = this;
		const life = aim.owner(role);
		if (life === null) return;
		world.tally.add("refused calls are sent to the next owner");
		world.cutFor(life, "log", true, BLIND_MS, "an owner does not reach the log");
		aim.busy(UNPROVED_MS);
		aim.later(UNPROVED_MS, () => {
			aim.spend(role, REFUSED, REFUSALS_MS);
			aim.later(REFUSALS_MS, () => {
				this.succeeded(role, life, () => aim.often(role, LOOKS, STILL_MS, (user) => user.replay()));
			});
		});
	}

	/** An owner who is succeeded and does not see it, though something tells him that he still is one. */
	blindZombie(role: string): void {
		const { world, cluster, aim } = this;
		const { random, time } = world;
		const life = aim.owner(role);
		if (life === null) return;
		const how = random.pick(BLINDNESS);
		world.tally.add(`a blind zombie: ${how}`);
		world.cutFor(life, "ledger", false, BLIND_MS, "a zombie is cut off");
		world.cutFor(life, "log", false, BLIND_MS, "a zombie is cut off");
		if (how === "late clock") life.setClock(life.clockOffsetMs - BLIND_MS);
		if (how === "asleep") life.suspend();
		// Until then a commit is done whose answer waits, and events that it has not read come to be.
		const ms = how === "asleep" ? 1 : 100 + random.below(400);
		aim.busy(ms);
		aim.later(ms, () => {
			if (cluster.of(role)?.life !== life) return;
			cluster.succeed(role);
			aim.onceServed(role, () => {
				if (how === "asleep") life.wake();
				if (how === "late commit") time.after(random.below(500), () => life.letThrough("ledger"));
				if (how === "late events") world.trickle(life, "log", GLIMPSE_MS);
				aim.busy(1_000);
				aim.often(role, LOOKS, 2_000, (user) => user.look());
			});
		});
	}

	/**
	 * The next owner gets its epoch record into one partition long before the other, where the owner of
	 * old goes on, and is proved right by what it reads there, until it goes blind.
	 */
	slowTakeOver(role: string): void {
		const { world, cluster, aim } = this;
		const { random } = world;
		const life = aim.owner(role);
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
		aim.later(ms - 50, () => world.cutFor(life, "log", false, BLIND_MS, "a zombie is cut off"));
		aim.busy(ms);
		aim.later(ms, () => {
			aim.busy(1_500);
			aim.often(role, LOOKS, 2_000, (user) => user.look());
		});
	}

	/**
	 * An owner dies whose last words the ledger does not have. Clients of the streams have heard those of
	 * one partition, and hear neither the rest nor what the next owner says before all goes on.
	 */
	unheardTakeOver(role: string): void {
		const { world, cluster, aim } = this;
		const { random } = world;
		const life = aim.owner(role);
		if (life === null) return;
		world.cutFor(life, "ledger", true, BLIND_MS, "a take-over is not heard");
		const beginsMs = 100 + random.below(200);
		const diesMs = beginsMs + 50 + random.below(200);
		const still = (which: string, way: "log" | "bus", ms: number): void => {
			const there = cluster.of(which)?.life;
			if (there !== undefined) world.cutFor(there, way, way === "log", ms, "all stands still");
		};
		// The next owner reads partition 1 last: its newest word then is one that clients have heard.
		aim.later(beginsMs, () => {
			still("streams", "bus", diesMs - beginsMs + STILL_MS);
			still("matching 1", "log", diesMs - beginsMs + STILL_MS);
		});
		aim.later(diesMs, () => {
			still("matching 0", "log", STILL_MS);
			if (cluster.of(role)?.life === life) cluster.kill(role);
		});
		aim.busy(diesMs);
	}

	/** The next owner's first steps are slow: the one before goes on, or one more overtakes it. */
	slowSteps(role: string): void {
		const { world, cluster, aim } = this;
		const { random } = world;
		if (aim.owner(role) === null) return;
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

	/** This owner dies, unless something else ended it before; then, when the next one serves. */
	private succeeded(role: string, life: ProcessLife, then: () => void): void {
		if (this.cluster.of(role)?.life !== life) return;
		this.cluster.kill(role);
		this.aim.onceServed(role, then);
	}
}
