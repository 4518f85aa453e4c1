import { DEPTH_VIEWS, encodeView, TRADE_VIEWS, viewName } from "../../schemas/market-views.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { CachedView, MarketCache } from "../../schemas/ports/market-cache.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import type { PartitionMarket } from "./partition-market.ts";
import type { SymbolMarket } from "./symbol-market.ts";

const WRITE_EVERY_MS = 100;
/** Where the cache is away, or another writes there too, everything is lost again and again. */
const ALL_AGAIN_MS = 1_000;
/** The version of a view that the cache may have or not, whichever it is. */
const UNKNOWN = -1;

/** A view of a symbol: what it is a function of, and its text. */
interface View {
	readonly name: string;
	readonly everyMs: number;
	/** Another number means other content. */
	version(market: SymbolMarket): number;
	text(market: SymbolMarket): string;
}

const VIEWS: readonly View[] = [
	...DEPTH_VIEWS.map((view) => ({
		...view,
		version: (market: SymbolMarket) => market.updateId,
		text: (market: SymbolMarket) => encodeView(view, market.depth(view.rows)),
	})),
	...TRADE_VIEWS.map((view) => ({
		...view,
		version: (market: SymbolMarket) => market.trades.lastId(),
		text: (market: SymbolMarket) => encodeView(view, market.trades.newest(view.rows)),
	})),
];

/** What the cache has of a view, or may have. */
interface Stored {
	version: number;
	atMs: number;
	/** False once it was taken away, because it had changed before it was due. */
	there: boolean;
}

export interface ViewWriterPorts {
	readonly cache: MarketCache;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
}

/**
 * Keeps the views of a partition's symbols in the cache: what has changed, ten times a second, and how
 * far the partition has come. A cache that has lost something gets everything again.
 */
export class ViewWriter {
	/** Views written, and attempts that failed, for the metrics. */
	written = 0;
	failures = 0;
	private readonly market: PartitionMarket;
	private readonly run: string;
	private readonly ports: ViewWriterPorts;
	private readonly stopTimer: Cancel;
	private readonly stored = new Map<string, Stored>();
	private storing = false;
	private writtenAgainMs = Number.NEGATIVE_INFINITY;

	constructor(market: PartitionMarket, run: string, ports: ViewWriterPorts) {
		this.market = market;
		this.run = run;
		this.ports = ports;
		this.stopTimer = ports.scheduler.every(WRITE_EVERY_MS, () => this.tick());
	}

	stop(): void {
		this.stopTimer();
	}

	private tick(): void {
		// Between two commands only: within one the book is of no moment.
		if (this.storing || !this.market.whole) return;
		this.storing = true;
		void this.store().finally(() => {
			this.storing = false;
		});
	}

	private async store(): Promise<void> {
		const { partition, evSeq } = this.market;
		const views = this.changed();
		try {
			const held = await this.ports.cache.store(partition, this.run, evSeq, views);
			this.written += views.length;
			if (!held) this.forget();
		} catch {
			// Whether it was done is unknown.
			this.failures += 1;
			this.forget();
		}
	}

	/** All of it is written again; what is large not before it is due, where the same has just been done. */
	private forget(): void {
		const nowMs = this.ports.clock.monotonicMs();
		if (nowMs - this.writtenAgainMs >= ALL_AGAIN_MS) {
			this.writtenAgainMs = nowMs;
			this.stored.clear();
		}
		for (const view of this.stored.values()) {
			view.version = UNKNOWN;
			view.there = true;
		}
	}

	private changed(): CachedView[] {
		const nowMs = this.ports.clock.monotonicMs();
		const changed: CachedView[] = [];
		for (const market of this.market.symbols()) {
			for (const view of VIEWS) this.add(changed, market, view, nowMs);
		}
		return changed;
	}

	private add(changed: CachedView[], market: SymbolMarket, view: View, nowMs: number): void {
		const name = viewName(view, market.spec.symbolId);
		const version = view.version(market);
		const stored = this.stored.get(name);
		if (stored?.there === true && stored.version === version) return;
		if (stored === undefined || nowMs - stored.atMs >= view.everyMs) {
			this.stored.set(name, { version, atMs: nowMs, there: true });
			changed.push([name, view.text(market)]);
		} else if (stored.there) {
			stored.there = false;
			changed.push([name, null]);
		}
	}
}
