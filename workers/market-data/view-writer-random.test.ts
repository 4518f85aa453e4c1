/** Whoever writes to the cache, and whatever becomes of it: what is read there is what was, as of where it says. */
import { expect, test } from "bun:test";
import { InProcessMarketCache } from "../../db/cache/in-process-market-cache.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { DEPTH_VIEWS, encodeView, TRADE_VIEWS, viewName } from "../../schemas/market-views.ts";
import type { Side } from "../../schemas/order.ts";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import type { MarketCache } from "../../schemas/ports/market-cache.ts";
import { Dice } from "../accounts/testing/random-requests.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import type { MarketOutputs } from "./market-outputs.ts";
import { PartitionMarket } from "./partition-market.ts";
import { RecordSource, step, testSymbol } from "./testing/record-source.ts";
import { ViewWriter } from "./view-writer.ts";

const SEEDS = Number(process.env["VIEW_SEEDS"] ?? 10);
const FIRST_SEED = Number(process.env["VIEW_FIRST_SEED"] ?? 1);
const STEPS = 150;
const SYMBOLS = [testSymbol(1, "BTCUSDT"), testSymbol(2, "ETHUSDT")];
const NOBODY: MarketOutputs = { trade() {}, aggTrade() {}, levelChanged() {}, barClosed() {} };

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`views are as of their position: seed ${seed}`, async () => {
		const world = new World(seed);
		for (let n = 0; n < STEPS; n += 1) await world.step();
		expect(world.found).toBeGreaterThan(STEPS);
		await world.end();
	});
}

interface Worker {
	readonly market: PartitionMarket;
	readonly writer: ViewWriter;
}

/** Two workers of one partition at most, one of whom may lag behind, and one cache. */
class World {
	found = 0;
	private readonly dice: Dice;
	private readonly time = new VirtualTime();
	private readonly cache = new InProcessMarketCache();
	private readonly source = new RecordSource(this.time.nowMs());
	private readonly records: EventRecord[] = [];
	/** Every view's text, by its name and the record after which it was so. */
	private readonly texts = new Map<string, string>();
	private readonly reference = new PartitionMarket(0);
	private workers: Worker[] = [];
	private runs = 0;
	private isFaulty = true;

	constructor(seed: number) {
		this.dice = new Dice(seed * 7_919);
		for (const symbol of SYMBOLS) this.add(this.source.addSymbol(symbol));
	}

	async step(): Promise<void> {
		const { dice } = this;
		if (dice.chance(700)) this.add(this.randomRecords());
		if (dice.chance(60) || this.workers.length === 0) this.begin();
		if (dice.chance(40)) this.workers.shift()?.writer.stop();
		if (dice.chance(20)) this.cache.flush();
		for (const { market } of this.workers) this.goOn(market, dice.roll(4));
		await this.time.advance(dice.roll(200));
		await this.look();
	}

	/** One that is left alone for a while has everything there. */
	async end(): Promise<void> {
		if (this.workers.length === 0) this.begin();
		for (const { writer } of this.workers.splice(0, this.workers.length - 1)) writer.stop();
		this.isFaulty = false;
		for (const { market } of this.workers) this.goOn(market, this.records.length);
		await this.time.advance(2_500);
		this.found = 0;
		await this.look();
		expect(this.found).toBe(SYMBOLS.length * (DEPTH_VIEWS.length + TRADE_VIEWS.length));
	}

	private async look(): Promise<void> {
		for (const { symbolId } of SYMBOLS) {
			for (const view of [...DEPTH_VIEWS, ...TRADE_VIEWS]) {
				const name = viewName(view, symbolId);
				const loaded = await this.cache.load(0, name);
				if (loaded === null) continue;
				this.found += 1;
				expect(`${name} ${loaded.text}`).toBe(
					`${name} ${this.texts.get(`${name} ${loaded.evSeq}`)}`,
				);
			}
		}
	}

	private add(records: readonly EventRecord[]): void {
		for (const record of records) {
			this.records.push(record);
			this.reference.apply(record, NOBODY);
			// Within an answer the book is of no moment.
			if (!record.last) continue;
			for (const market of this.reference.symbols()) {
				const { symbolId } = market.spec;
				const keep = (name: string, text: string) =>
					this.texts.set(`${name} ${record.evSeq}`, text);
				for (const view of DEPTH_VIEWS) {
					keep(viewName(view, symbolId), encodeView(view, market.depth(view.rows)));
				}
				for (const view of TRADE_VIEWS) {
					keep(viewName(view, symbolId), encodeView(view, market.trades.newest(view.rows)));
				}
			}
		}
	}

	private randomRecords(): EventRecord[] {
		const { dice } = this;
		const levels = Array.from(
			{ length: dice.roll(3) },
			() => [dice.roll(2) as Side, 90 + dice.roll(5), dice.roll(3)] as const,
		);
		const trades = dice.chance(400) ? [[100, 1 + dice.roll(5)] as const] : [];
		const symbolId = 1 + dice.roll(2);
		return this.source.step(step({ symbolId, levels, trades, split: dice.chance(200) }));
	}

	private begin(): void {
		this.runs += 1;
		while (this.workers.length > 1) this.workers.shift()?.writer.stop();
		const market = new PartitionMarket(0);
		this.goOn(market, this.records.length);
		const ports = { cache: this.failing(), clock: this.time, scheduler: this.time };
		this.workers.push({ market, writer: new ViewWriter(market, `run${this.runs}`, ports) });
	}

	/** Takes so many of the records that it has not. */
	private goOn(market: PartitionMarket, count: number): void {
		const next = this.records.slice(market.evSeq, market.evSeq + count);
		for (const record of next) market.apply(record, NOBODY);
	}

	/** The cache as another process has it: it may be away, or its answer lost, or late. */
	private failing(): MarketCache {
		const cache = this.cache.another();
		const { dice, time } = this;
		const later = () => new Promise<void>((resolve) => time.after(dice.roll(150), resolve));
		return {
			load: (partition, name) => cache.load(partition, name),
			store: async (...words) => {
				const fate = this.isFaulty ? dice.roll(20) : 2;
				if (dice.chance(300)) await later();
				if (fate === 0) throw new KeyValueUnavailable("away");
				const held = await cache.store(...words);
				if (fate === 1) throw new KeyValueUnavailable("no answer");
				if (dice.chance(300)) await later();
				return held;
			},
		};
	}
}
