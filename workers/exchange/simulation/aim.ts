import { shardOfUser } from "../../../schemas/ports/users.ts";
import type { Cluster } from "./cluster.ts";
import type { ProcessLife } from "./process-life.ts";
import { ACCOUNT_SHARDS, PARTITIONS } from "./size.ts";
import type { Trader } from "./trader.ts";
import type { World } from "./world.ts";

/** How often they trade where much has to happen at a certain time. */
const TRADES = 40;
const LOOK_AGAIN_MS = 20;

/** A trader makes a call: any, or the one given. */
export type Act = (trader: Trader, call?: (id: number) => Promise<number>) => void;

/** What a misfortune that aims at something needs: who does the work, and users who do the right thing in time. */
export class Aim {
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly traders: readonly Trader[];
	private readonly act: Act;

	/** @param act one of a trader's calls, counted like any other */
	constructor(world: World, cluster: Cluster, traders: readonly Trader[], act: Act) {
		this.world = world;
		this.cluster = cluster;
		this.traders = traders;
		this.act = act;
	}

	/** A process of the role that does its work; null when there is none. */
	owner(role: string): ProcessLife | null {
		const process = this.cluster.of(role);
		return process?.ready === true && !process.life.paused ? process.life : null;
	}

	/** When the role's newest process serves, if the weather is rough until then. */
	onceServed(role: string, act: () => void): void {
		this.later(LOOK_AGAIN_MS, () => {
			if (this.cluster.of(role)?.ready === true) act();
			else this.onceServed(role, act);
		});
	}

	/** All users trade much for so long. */
	busy(forMs: number): void {
		const { random } = this.world;
		for (let n = 0; n < TRADES; n += 1) {
			this.later(random.below(forMs), () => this.act(random.pick(this.traders)));
		}
	}

	/** Users of an account worker's shard do something so often within so long. */
	often(
		role: string,
		times: number,
		withinMs: number,
		act: (trader: Trader) => Promise<number>,
	): void {
		this.times(role, times, withinMs, (trader) => void act(trader));
	}

	/** They place more than they can pay for so long. */
	spend(role: string, times: number, withinMs: number): void {
		this.times(role, times, withinMs, (trader) => {
			this.act(trader, (id) => trader.placeMuch(id));
		});
	}

	/** Nothing is matched for so long. */
	stopMatching(ms: number): void {
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			const life = this.cluster.of(`matching ${partition}`)?.life;
			if (life !== undefined) this.world.cutFor(life, "log", true, ms, "matching stands still");
		}
	}

	/** Unless the weather has calmed down by then. */
	later(ms: number, strike: () => void): void {
		this.world.time.after(ms, () => {
			if (this.world.isRough) strike();
		});
	}

	private times(
		role: string,
		times: number,
		withinMs: number,
		act: (trader: Trader) => void,
	): void {
		const { random } = this.world;
		const users = this.traders.filter(
			({ userId }) => shardOfUser(userId, ACCOUNT_SHARDS) === shardOf(role),
		);
		for (let n = 0; n < times && users.length > 0; n += 1) {
			this.later(random.below(withinMs), () => act(random.pick(users)));
		}
	}
}

/** The shard of an account worker's role. */
export function shardOf(role: string): number {
	return Number(role.split(" ")[1]);
}
