import type { AveragePriceView } from "../../schemas/market.ts";
import type { Fill } from "../../schemas/order-state.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import type { Answered } from "./worker-link.ts";

/** An average of this age is asked for again, so that a busy symbol never waits for one. */
const RENEW_AFTER_MS = 100;
/** An older one is waited for; trades of other edges count after this long at the latest. */
const FRESH_MS = 250;
/** Market data may be away: for so long the last average known is good enough, and no longer waited for. */
const LAST_RESORT_MS = 60_000;
const WAIT_MS = 250;

interface Entry {
	/** As market data had it at `evSeq`, with the trades in `later` added; null before the first answer. */
	view: AveragePriceView | null;
	evSeq: number;
	/** When it was asked for. */
	askedMs: number;
	/** Trades that this edge has answered and the view did not have. */
	later: Fill[];
	asking: Promise<void> | null;
}

/**
 * The average price that every order is measured against, without asking for each. What market data
 * said last holds for a moment; the trades that this edge has answered since are added here, so that
 * nobody is measured against less than he was told.
 */
export class RecentAverages {
	private readonly clock: Clock;
	private readonly scheduler: Scheduler;
	private readonly ask: (symbolId: number) => Promise<Answered<AveragePriceView>>;
	private readonly entries = new Map<number, Entry>();

	constructor(
		ports: { readonly clock: Clock; readonly scheduler: Scheduler },
		ask: (symbolId: number) => Promise<Answered<AveragePriceView>>,
	) {
		this.clock = ports.clock;
		this.scheduler = ports.scheduler;
		this.ask = ask;
	}

	/** Rejected when market data is away and nothing recent is known. */
	of(symbolId: number): AveragePriceView | Promise<AveragePriceView> {
		const entry = this.entry(symbolId);
		const ageMs = this.clock.monotonicMs() - entry.askedMs;
		if (entry.view !== null && ageMs < FRESH_MS) {
			if (ageMs >= RENEW_AFTER_MS) this.renew(symbolId, entry).catch(() => {});
			return entry.view;
		}
		return this.renewed(symbolId, entry);
	}

	/** Trades that this edge answers. */
	traded(fills: readonly Fill[]): void {
		for (const fill of fills) {
			const entry = this.entries.get(fill.symbolId);
			if (entry === undefined || fill.evSeq <= entry.evSeq) continue;
			entry.later.push(fill);
			if (entry.view !== null) entry.view = withTrade(entry.view, fill);
		}
	}

	private entry(symbolId: number): Entry {
		let entry = this.entries.get(symbolId);
		if (entry === undefined) {
			const askedMs = Number.NEGATIVE_INFINITY;
			entry = { view: null, evSeq: 0, askedMs, later: [], asking: null };
			this.entries.set(symbolId, entry);
		}
		return entry;
	}

	private async renewed(symbolId: number, entry: Entry): Promise<AveragePriceView> {
		const asked = this.renew(symbolId, entry);
		const known = entry.view;
		if (known !== null && this.clock.monotonicMs() - entry.askedMs < LAST_RESORT_MS) {
			await this.atMost(WAIT_MS, asked);
			return entry.view ?? known;
		}
		await asked;
		return entry.view!;
	}

	/** Whoever asks meanwhile waits for the same answer. */
	private renew(symbolId: number, entry: Entry): Promise<void> {
		entry.asking ??= this.answer(symbolId, entry).finally(() => {
			entry.asking = null;
		});
		return entry.asking;
	}

	private async answer(symbolId: number, entry: Entry): Promise<void> {
		const askedMs = this.clock.monotonicMs();
		const { value, evSeq } = await this.ask(symbolId);
		entry.askedMs = askedMs;
		entry.evSeq = evSeq;
		entry.later = entry.later.filter((fill) => fill.evSeq > evSeq);
		entry.view = entry.later.reduce(withTrade, value);
	}

	/** Resolves when the work is done, has failed, or takes too long. */
	private atMost(ms: number, work: Promise<void>): Promise<void> {
		return new Promise((resolve) => {
			const cancel: Cancel = this.scheduler.after(ms, resolve);
			const done = (): void => {
				cancel();
				resolve();
			};
			work.then(done, done);
		});
	}
}

function withTrade(view: AveragePriceView, fill: Fill): AveragePriceView {
	return {
		mins: view.mins,
		volumeLots: view.volumeLots + BigInt(fill.qtyLots),
		quoteTickLots: view.quoteTickLots + BigInt(fill.priceTicks) * BigInt(fill.qtyLots),
		lastTicks: fill.priceTicks,
		closeTimeMs: fill.ts,
	};
}
