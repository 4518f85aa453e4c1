import type { Cluster } from "../cluster.ts";
import type { World } from "../world.ts";
import type { Session } from "./session.ts";
import type { Wire } from "./wire.ts";

/** A connection that has not come about by then is given up, ms. */
const CONNECT_WITHIN_MS = 5_000;
/** How long a client waits before it connects again, ms at most. */
const AGAIN_MS = 300;

/** A client of the streams that connects again whenever its connection ends. */
export class Listener {
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly target: () => Promise<string | null>;
	private readonly begin: () => Session;
	private session: Session | null = null;
	private wire: Wire | null = null;
	/** Counts connections; what comes of an earlier one is not heard any more. */
	private attempt = 0;

	/**
	 * @param target where to connect to; null when that is not known now
	 * @param begin a session for each connection
	 */
	constructor(
		world: World,
		cluster: Cluster,
		target: () => Promise<string | null>,
		begin: () => Session,
	) {
		this.world = world;
		this.cluster = cluster;
		this.target = target;
		this.begin = begin;
	}

	async connect(): Promise<void> {
		this.attempt += 1;
		const { attempt } = this;
		const isNow = (): boolean => attempt === this.attempt;
		this.world.time.after(CONNECT_WITHIN_MS, () => {
			if (isNow() && this.wire === null) this.again();
		});
		const target = await this.target();
		if (!isNow()) return;
		const fronts = this.cluster.allOf("streams").filter((process) => process.ready);
		const front = fronts.length === 0 ? undefined : this.world.random.pick(fronts).front;
		if (target === null || front === undefined) return this.again();
		const session = this.begin();
		front.connect(target, {
			opened: (wire) => {
				if (!isNow()) return wire.close();
				this.world.tally.add("a client is connected");
				this.wire = wire;
				this.session = session;
				session.opened(wire);
			},
			text: (text) => {
				if (isNow()) session.text(text);
			},
			closed: () => {
				if (isNow()) this.again();
			},
		});
	}

	/** It stops reading for a while, goes away, or leaves and comes back. */
	misbehave(): void {
		const { random, tally } = this.world;
		if (this.wire === null) return;
		const how = random.pick(["stalls", "vanishes", "leaves"] as const);
		tally.add(`a client ${how}`);
		if (how === "stalls") return this.wire.stall(random.below(4_000));
		if (how === "vanishes") this.wire.vanish();
		else this.wire.close();
		this.again();
	}

	/** What it has not heard, a connection first of all; null when it has heard everything. */
	lacks(): string | null {
		if (this.wire?.open !== true || this.session === null) return "a connection";
		return this.session.lacks();
	}

	/** At a crash. */
	whole(): void {
		this.session?.whole();
	}

	takeStock(): void {
		this.session?.takeStock();
	}

	private again(): void {
		this.session?.ended();
		this.session = null;
		this.wire = null;
		this.attempt += 1;
		const { attempt } = this;
		this.world.time.after(1 + this.world.random.below(AGAIN_MS), () => {
			if (attempt === this.attempt) void this.connect();
		});
	}
}
