/**
 * Market data that is killed, stopped and started again at any moment, from snapshots of any age and with what it left
 * half done, serves and says what one does that lived through it all.
 */
import { expect, test } from "bun:test";
import { MemoryArchive } from "../../db/archive/memory-archive.ts";
import { InProcessPubSub } from "../../db/cache/in-process-pubsub.ts";
import { ArchiveHistory } from "../../db/history/archive-history.ts";
import { MemoryLog } from "../../db/log/memory-log.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { type MarketDataMessage, marketData } from "../../schemas/market.ts";
import { type Side, SymbolState } from "../../schemas/order.ts";
import type { MarketData, TradeRange } from "../../schemas/ports/market-data.ts";
import { tradesCodec } from "../../schemas/record-codec.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { Dice } from "../accounts/testing/random-requests.ts";
import { untilSettled } from "../shared/testing/until-settled.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./intervals.ts";
import { MarketDataWorker } from "./market-data-worker.ts";
import { Snapshots } from "./snapshots.ts";
import { FakeHistory } from "./testing/fake-history.ts";
import { MortalMarketData } from "./testing/mortal-market-data.ts";
import { checkOrder, lastingWords, observed } from "./testing/observed-market.ts";
import { RecordSource, step, testSymbol } from "./testing/record-source.ts";

const SEEDS = Number(process.env["MARKET_DATA_SEEDS"] ?? 6);
const FIRST_SEED = Number(process.env["MARKET_DATA_FIRST_SEED"] ?? 1);
const STEPS = 60;
const PARTITIONS = [0, 1];
/** Shortly before a Monday, and before a leap day that ends a month. */
const STARTS_MS = [Date.UTC(2026, 10, 22, 23, 59, 57), Date.UTC(2028, 1, 28, 23, 59, 50)];
const PAUSES_MS = [0, 10, 300, 999, 4_000, 70_000, 5 * HOUR_MS, 3 * DAY_MS, 20 * DAY_MS];
const SYMBOLS = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "XRPUSDT"].map((name, i) =>
	testSymbol(i + 1, name, i % 2),
);

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`a start ends where one is that lived through it: seed ${seed}`, async () => {
		const pair = new Compared(seed);
		await pair.open();
		for (let step = 0; step < STEPS; step += 1) await pair.step();
		await pair.end();
	});
}

/** One that lives, and others that live one after the other, of the same records. */
class Compared {
	private readonly dice: Dice;
	private readonly time: VirtualTime;
	private readonly sources: readonly RecordSource[];
	private readonly livedLog: MemoryLog<EventRecord>;
	private readonly lived: MarketDataWorker;
	private readonly livedMessages: MarketDataMessage[] = [];
	private readonly log: MemoryLog<EventRecord>;
	private readonly archive: MemoryArchive;
	private mortal: MortalMarketData;
	/** Was thought dead, and goes on. */
	private zombie: MortalMarketData | null = null;
	/** Those whose words are not looked through to the end. */
	private readonly lives: MortalMarketData[] = [];
	private readonly added: SymbolSpec[] = [];
	private faulty = false;
	private runs = 0;

	constructor(seed: number) {
		this.dice = new Dice(seed * 7_919);
		const startMs = STARTS_MS[this.dice.roll(STARTS_MS.length)] as number;
		this.time = new VirtualTime(startMs);
		const { time } = this;
		this.sources = PARTITIONS.map((partition) => new RecordSource(startMs, partition));
		this.livedLog = this.newLog();
		this.log = this.newLog();
		this.archive = new MemoryArchive({ scheduler: time });
		const pubsub = new InProcessPubSub({ scheduler: time, throughCodec: true });
		pubsub.subscribe(marketData, (message) => this.livedMessages.push(message));
		this.lived = new MarketDataWorker({
			...{ pubsub, log: this.livedLog, partitions: PARTITIONS, history: new FakeHistory() },
			...{ clock: time, scheduler: time, archive: new MemoryArchive({ scheduler: time }) },
			random: { bytes: (count) => new Uint8Array(count) },
			logger: { info: () => {}, warn: () => {}, error: () => {} },
		});
		this.mortal = this.newMortal();
	}

	async open(): Promise<void> {
		await this.addSymbol();
		await this.addSymbol();
		await this.finish(this.lived.start());
		await this.begin();
		this.faulty = true;
	}

	/** Anything that can happen, once. */
	async step(): Promise<void> {
		const { dice } = this;
		if (dice.chance(30)) await this.addSymbol();
		else await this.appendSteps();
		await this.time.advance(dice.chance(100) ? 1_500 : dice.roll(250));
		if (dice.chance(100)) this.killZombie();
		if (dice.chance(150)) await this.replace();
		if (dice.chance(50)) await this.trim();
		if (dice.chance(50)) await this.compare();
	}

	/** In the end all that is of the past is read from what is stored. */
	async end(): Promise<void> {
		await this.replace();
		await this.compare();
		this.killZombie();
		await this.finish(this.mortal.worker.stop());
		await this.begin();
		await this.compare();
	}

	private async compare(): Promise<void> {
		this.faulty = false;
		// A write that failed is made again.
		await this.time.advance(1_500);
		const [lived, mortal] = [this.lived.marketData, this.mortal.worker.marketData];
		expect(mortal.venue.symbols()).toEqual([...lived.venue.symbols()]);
		expect(mortal.timeMs()).toBe(lived.timeMs());
		const ranges = [1, 2, 3].map(() => this.randomRange());
		const offsetMs = (this.dice.roll(105) - 48) * 15 * MINUTE_MS;
		for (const { symbolId } of this.added) {
			const seen = (by: MarketData) => this.finish(observed(by, symbolId, ranges, offsetMs));
			expect(await seen(mortal)).toEqual((await seen(lived)) as object);
		}
		for (const life of this.lives.splice(0, this.lives.length, this.mortal)) this.checkTold(life);
		this.faulty = true;
	}

	private checkTold({ messages }: MortalMarketData): void {
		checkOrder(messages);
		const lived = lastingWords(this.livedMessages);
		for (const [name, text] of lastingWords(messages)) expect(text).toBe(lived.get(name) ?? name);
	}

	private async replace(): Promise<void> {
		const way = this.dice.roll(3);
		if (way === 0) await this.finish(this.mortal.worker.stop());
		if (way === 1) this.mortal.life.alive = false;
		if (way === 2) {
			this.killZombie();
			this.zombie = this.mortal;
		}
		this.faulty = false;
		await this.begin();
		this.faulty = true;
	}

	private async begin(): Promise<void> {
		this.mortal = this.newMortal();
		this.lives.push(this.mortal);
		await this.finish(this.mortal.start());
	}

	private killZombie(): void {
		if (this.zombie !== null) this.zombie.life.alive = false;
		this.zombie = null;
	}

	/** As retention does it. */
	private async trim(): Promise<void> {
		const { log, archive } = this;
		const logger = { info: () => {}, warn: () => {}, error: () => {} };
		const history = await this.finish(ArchiveHistory.open(archive));
		for (const partition of PARTITIONS) {
			const snapshots = new Snapshots(partition, { archive, history, logger });
			const offsets = await this.finish(snapshots.offsets(log));
			if (offsets.length > 1) log.trim(partition, Math.min(...offsets) - 1);
		}
	}

	private async addSymbol(): Promise<void> {
		const symbol = SYMBOLS[this.added.length];
		if (symbol === undefined) return;
		// Every partition hears of it.
		for (const source of this.sources) await this.append(source.addSymbol(symbol));
		this.added.push(symbol);
	}

	private async appendSteps(): Promise<void> {
		const { dice } = this;
		const partition = dice.roll(2);
		const source = this.sources[partition] as RecordSource;
		const own = this.added.filter((symbol) => symbol.partition === partition);
		for (let n = dice.roll(6); n >= 0; n -= 1) {
			const { symbolId } = own[dice.roll(own.length)] as SymbolSpec;
			const afterMs = dice.chance(800) ? dice.roll(400) : PAUSES_MS[dice.roll(PAUSES_MS.length)];
			if (dice.chance(100)) await this.append([source.tick(afterMs as number)]);
			if (dice.chance(30)) {
				const state = dice.chance(500) ? SymbolState.Halt : SymbolState.Trading;
				await this.append([source.setState(symbolId, state)]);
			}
			const price = () => 90 + dice.roll(20);
			const trades = Array.from(
				{ length: dice.roll(5) },
				() => [price(), 1 + dice.roll(9)] as const,
			);
			const levels = Array.from(
				{ length: dice.roll(4) },
				() => [dice.roll(2) as Side, price(), dice.roll(3)] as const,
			);
			const takerSide = dice.roll(2) as Side;
			const split = dice.chance(200);
			const what = { symbolId, afterMs: afterMs as number, trades, levels, takerSide, split };
			const records = source.step(step(what));
			// A long answer may come in pieces.
			for (const record of records) {
				await this.append([record]);
				if (dice.chance(50)) await this.time.advance(dice.roll(150));
			}
		}
	}

	/** What is published again by a matching worker that starts, or late, comes twice. */
	private async append(records: readonly EventRecord[]): Promise<void> {
		const { dice } = this;
		const partition = (records[0] as EventRecord).partition;
		await this.finish(this.livedLog.append(partition, records));
		await this.finish(this.log.append(partition, records));
		if (!dice.chance(50)) return;
		const all = this.livedLog.all(partition);
		const from = dice.roll(all.length);
		await this.finish(this.log.append(partition, all.slice(from, from + 1 + dice.roll(20))));
	}

	private randomRange(): TradeRange {
		const { dice } = this;
		const nowMs = this.lived.marketData.timeMs();
		const time = () =>
			dice.chance(500) ? null : nowMs - dice.roll(dice.chance(500) ? 20_000 : 9e8);
		const fromId = dice.chance(300) ? 1 + dice.roll(200) : null;
		return {
			fromId,
			startMs: time(),
			endMs: time(),
			limit: 1 + dice.roll(dice.chance(500) ? 5 : 50),
		};
	}

	private newLog(): MemoryLog<EventRecord> {
		return new MemoryLog({
			...{ topic: "trades", partitions: 2, logId: "test" },
			...{ scheduler: this.time, codec: tradesCodec },
		});
	}

	private newMortal(): MortalMarketData {
		this.runs += 1;
		const { log, archive, time, dice } = this;
		const fate = () => {
			if (!this.faulty || !dice.chance(100)) return "ok";
			return dice.chance(500) ? "not done" : "lost answer";
		};
		const delayMs = () => this.dice.roll(this.dice.chance(20) ? 2_000 : 10);
		return new MortalMarketData({ log, archive, time, fate, delayMs }, this.runs);
	}

	private finish<T>(promise: Promise<T>): Promise<T> {
		return untilSettled(this.time, promise);
	}
}
