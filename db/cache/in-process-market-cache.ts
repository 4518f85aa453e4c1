import type { CachedView, MarketCache } from "../../schemas/ports/market-cache.ts";

interface Stored {
	position: { readonly run: string; readonly evSeq: number } | null;
	readonly views: Map<string, { readonly run: string; readonly text: string }>;
}

/** Market data in this process's memory. */
export class InProcessMarketCache implements MarketCache {
	private readonly partitions: Map<number, Stored>;
	/** What this cache stored last: another writer's would be another object. */
	private readonly last = new Map<number, Stored["position"]>();

	constructor(partitions = new Map<number, Stored>()) {
		this.partitions = partitions;
	}

	/** The same cache, as another process would see it. */
	another(): InProcessMarketCache {
		return new InProcessMarketCache(this.partitions);
	}

	async store(
		partition: number,
		run: string,
		evSeq: number,
		views: readonly CachedView[],
	): Promise<boolean> {
		const stored = this.of(partition);
		for (const [name, text] of views) {
			if (text === null) stored.views.delete(name);
			else stored.views.set(name, { run, text });
		}
		const before = this.last.get(partition);
		const held = before !== undefined && stored.position === before;
		stored.position = { run, evSeq };
		this.last.set(partition, stored.position);
		return held;
	}

	async load(partition: number, name: string): Promise<{ evSeq: number; text: string } | null> {
		const { position, views } = this.of(partition);
		const view = views.get(name);
		if (position === null || view?.run !== position.run) return null;
		return { evSeq: position.evSeq, text: view.text };
	}

	/** Loses everything, as a flushed Redis does. */
	flush(): void {
		this.partitions.clear();
	}

	private of(partition: number): Stored {
		let stored = this.partitions.get(partition);
		if (stored === undefined) {
			stored = { position: null, views: new Map() };
			this.partitions.set(partition, stored);
		}
		return stored;
	}
}
