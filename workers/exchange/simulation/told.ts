import type { ModelOrder } from "./referee/model-order.ts";
import type { World } from "./world.ts";

/** Orders that a user remembers the end of. */
const FINISHED_KEPT = 30;
const KNOWN_KEPT = 60;
const RECENT = 12;

/** What a user has been told by answers: nothing older may be told afterwards. */
export class Told {
	/** Orders it believes open. */
	readonly known: ModelOrder[] = [];
	/** Orders whose end it was told of, the last of them. */
	readonly finished: ModelOrder[] = [];
	private readonly world: World;
	/** By partition: the evSeq that answers have shown. */
	private readonly seen: number[] = [0, 0];

	constructor(world: World) {
		this.world = world;
	}

	/** By partition: what an answer to a call that begins now must show at least. */
	floors(): readonly number[] {
		return [...this.seen];
	}

	saw(order: ModelOrder, evSeq: number): void {
		const { partition } = order.spec;
		this.seen[partition] = Math.max(this.seen[partition] ?? 0, evSeq);
	}

	/** That so many lots of an order have traded. */
	sawDone(order: ModelOrder, lots: number): void {
		const since = order.points.find(({ cumLots }) => cumLots >= lots);
		if (since !== undefined) this.saw(order, since.evSeq);
	}

	sawEnd(order: ModelOrder): void {
		this.saw(order, order.points.at(-1)?.evSeq ?? 0);
		if (!this.finished.includes(order)) this.finished.push(order);
		if (this.finished.length > FINISHED_KEPT) this.finished.shift();
		this.forget(order);
	}

	forget(order: ModelOrder): void {
		const at = this.known.indexOf(order);
		if (at >= 0) this.known.splice(at, 1);
	}

	find(symbol: string, orderId: number): ModelOrder | undefined {
		const { venue, market } = this.world.referee;
		const spec = venue.symbol(symbol);
		return spec === undefined ? undefined : market.order(spec.symbolId, orderId);
	}

	/** One of the last orders that it believes open. */
	someKnown(of = RECENT): ModelOrder | null {
		while (this.known.length > KNOWN_KEPT) this.known.shift();
		const recent = this.known.slice(-of);
		return recent.length === 0 ? null : this.world.random.pick(recent);
	}
}
