import { MemoryArchive } from "../../../db/archive/memory-archive.ts";
import { InProcessKeyValue } from "../../../db/cache/in-process-key-value.ts";
import { StoredListenKeys } from "../../../db/cache/listen-keys.ts";
import { SqliteHistory } from "../../../db/history/sqlite-history.ts";
import { MemoryDatabase } from "../../../db/ledger/memory-database.ts";
import { type AppendFate, MemoryLog } from "../../../db/log/memory-log.ts";
import { SqliteOrderLog } from "../../../db/order-log/sqlite-order-log.ts";
import type { OrdersRecord } from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import { type MarketDataMessage, marketData } from "../../../schemas/market.ts";
import { type Archive, ArchiveCorrupt } from "../../../schemas/ports/archive.ts";
import type { History, HistoryBatch } from "../../../schemas/ports/history.ts";
import type { Ledger } from "../../../schemas/ports/ledger.ts";
import { type Log, LogUnavailable } from "../../../schemas/ports/log.ts";
import type { OrderLog, OrderLogBatch } from "../../../schemas/ports/order-log.ts";
import { type Codec, ordersCodec, tradesCodec } from "../../../schemas/record-codec.ts";
import type { UserEventMessage } from "../../../schemas/user-event.ts";
import { userEvents } from "../../../schemas/user-event-channel.ts";
import { VirtualTime } from "../../shared/testing/virtual-time.ts";
import { BreakingEngine } from "./breaking-engine.ts";
import { Bus } from "./bus.ts";
import type { LinkConditions, LinkFate } from "./link.ts";
import type { ProcessLife, Surroundings } from "./process-life.ts";
import { Referee } from "./referee/referee.ts";
import { TransfersCheck } from "./referee/transfers-check.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { QueueBounds } from "./short-queue.ts";
import { ACCOUNT_SHARDS, PARTITIONS } from "./size.ts";
import { type Fate, simulatedLedger, weathered, witnessed } from "./stores.ts";
import { Tally } from "./tally.ts";
import { calm, type Weather } from "./weather.ts";

/** Virtual ms after which something that is waited for has failed. */
const WAIT_LIMIT_MS = 120_000;
/** Steps that a process seldom takes are where it is killed more often, up to so much. */
const RARE = 30;

/**
 * What outlives its processes: time, log, ledger, stores and bus, with the weather over them, and the
 * referee who sees everything that happens there.
 */
export class World implements Surroundings {
	readonly time = new VirtualTime();
	readonly tally = new Tally();
	readonly breakingEngine = new BreakingEngine(this.tally);
	/**
	 * An asset that users of the last shard begin without: what they withdraw of it, they got from the others. "" in
	 * most seeds.
	 */
	readonly onlyElsewhere: string;
	/** The newest version of the engine's rules that the programs know that are started from now on. */
	engineVersion = 1;
	/** Everything that was found wrong; a run of a right exchange ends with none. */
	readonly faults: string[] = [];
	readonly random: SeededRandom;
	readonly referee: Referee;
	readonly database = new MemoryDatabase();
	readonly transfers: TransfersCheck;
	readonly orders: MemoryLog<OrdersRecord>;
	readonly trades: MemoryLog<EventRecord>;
	readonly ledger: Ledger;
	readonly archive: Archive;
	readonly archived: MemoryArchive;
	readonly orderLog: OrderLog;
	readonly history: History;
	/** As it is, without the weather. */
	private readonly storedOrders: OrderLog;
	readonly bus: Bus;
	readonly keyValue: InProcessKeyValue;
	readonly listenKeys: StoredListenKeys;
	/**
	 * When an earlier ledger came back. It need not know until when its owners have answered: by its runbook a
	 * minute passes then, and what was signed before is too old.
	 */
	restoredAtMs = 0;
	/** Hears of processes that died by themselves or by the weather. */
	onDeath: (life: ProcessLife, error: unknown) => void = () => {};
	private tested = false;
	/** By topic and partition: until when something does not get in. */
	private readonly heldUntilMs = new Map<string, number>();
	private weatherNow: Weather;
	private readonly rough: Weather;
	private readonly stores: readonly { close(): Promise<void> }[];

	/** @param bounds of an account worker's queues */
	constructor(random: SeededRandom, weather: Weather, bounds: QueueBounds) {
		this.random = random;
		this.rough = weather;
		this.weatherNow = weather;
		this.onlyElsewhere = random.chance(0.2) ? "ETH" : "";
		this.referee = new Referee((text) => this.fault(text), this.tally, bounds, {
			nowMs: () => this.time.monotonicMs(),
			breaks: (symbolId, ts) => this.breakingEngine.breaksAll(symbolId, ts),
		});
		const shards = Array.from({ length: ACCOUNT_SHARDS }, (_, i) => i + 1);
		const { ledger: ledgerReferee, market } = this.referee;
		this.transfers = new TransfersCheck(this.database, ledgerReferee, market, shards, (text) =>
			this.fault(text),
		);
		// Seldom through the codec: that a record survives it is shown elsewhere, and it takes time.
		const throughCodec = random.chance(0.05);
		this.orders = this.topic("orders", ordersCodec, throughCodec);
		this.trades = this.topic("trades", tradesCodec, throughCodec);
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			this.orders.follow(partition, 0, (entries) => {
				for (const { record } of entries) this.referee.ordered(partition, record);
			});
			this.trades.follow(partition, 0, (entries) => {
				for (const { record } of entries) this.referee.traded(partition, record);
			});
		}
		const { time } = this;
		const delayMs = (): number => this.delayMs();
		const fate = (name: "ledgerFaults" | "storeFaults") => () =>
			this.pickFate(name, ["lost answer", "not done", "late"] as const) as Fate;
		const onLedger = { time, delayMs, fate: fate("ledgerFaults") };
		this.ledger = simulatedLedger(this.database, onLedger, this.referee, (error) =>
			this.fault(`the ledger refused: ${error}`),
		);
		const onStores = { time, delayMs, fate: fate("storeFaults") };
		this.archived = new MemoryArchive({ scheduler: time });
		this.archive = this.rotting(weathered(this.archived, ["put"], onStores));
		const orderLog = new SqliteOrderLog({ path: ":memory:" });
		const history = new SqliteHistory({ path: ":memory:" });
		this.stores = [orderLog, history];
		this.storedOrders = orderLog;
		const { orderLog: orderLogReferee, history: historyReferee } = this.referee;
		this.orderLog = weathered(
			witnessed(orderLog, (batch: OrderLogBatch) => orderLogReferee.writes(batch)),
			["write"],
			onStores,
		);
		this.history = weathered(
			witnessed(history, (batch: HistoryBatch) => historyReferee.writes(batch)),
			["write"],
			onStores,
		);
		this.bus = new Bus(
			time,
			() =>
				this.pickFate("busFaults", ["lost", "lost", "twice"] as const) as "ok" | "lost" | "twice",
			(channel, message) => {
				if (channel === userEvents.name) this.referee.told(message as readonly UserEventMessage[]);
				if (channel === marketData.name) {
					this.referee.published.heard(message as MarketDataMessage);
				}
			},
		);
		this.keyValue = new InProcessKeyValue({ clock: time, scheduler: time });
		this.listenKeys = new StoredListenKeys({ keyValue: this.keyValue, random });
	}

	get weather(): Weather {
		return this.weatherNow;
	}

	/** More that is checked at every death. */
	onWhole: () => void = () => {};

	/** Everything that can be checked at any moment, as at every death. */
	checkWhole(): void {
		this.onWhole();
		this.referee.market.whole();
		this.referee.ledger.whole(this.database);
		this.transfers.check();
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			void this.referee.orderLog.whole(this.storedOrders, partition);
		}
	}

	get isRough(): boolean {
		return this.weatherNow === this.rough;
	}

	/** Nothing fails until it is rough again. */
	calm(): void {
		this.weatherNow = calm(this.rough);
	}

	roughen(): void {
		this.weatherNow = this.rough;
	}

	/** Whether something of these odds happens now; counted when it does. */
	happens(odds: keyof Weather, name: string): boolean {
		if (!this.random.chance(this.weatherNow[odds])) return false;
		this.tally.add(name);
		return true;
	}

	delayMs(): number {
		const { delayMs } = this.weatherNow;
		return delayMs === 0 ? 0 : this.random.below(delayMs + 1);
	}

	linkConditions(): LinkConditions {
		return {
			time: this.time,
			delayMs: () => this.delayMs(),
			fate: () =>
				this.pickFate("linkFaults", ["lost", "lost answer", "twice"] as const) as LinkFate,
		};
	}

	/** A log as its clients reach it: reads may fail. */
	readable<R>(log: Log<R>): Log<R> {
		const fail = (): void => {
			if (this.happens("readFaults", "a read of the log fails"))
				throw new LogUnavailable("simulated");
		};
		return {
			topic: log.topic,
			partitions: log.partitions,
			logId: log.logId,
			append: (partition, records) => log.append(partition, records),
			follow: (partition, from, deliver) => log.follow(partition, from, deliver),
			end: async (partition) => {
				const end = await log.end(partition);
				fail();
				return end;
			},
			read: async (partition, from, limit) => {
				const entries = await log.read(partition, from, limit);
				fail();
				return entries;
			},
		};
	}

	/** An archive some of whose objects turn out damaged when they are read. */
	private rotting(archive: Archive): Archive {
		return {
			put: (name, bytes) => archive.put(name, bytes),
			list: (prefix) => archive.list(prefix),
			delete: (name) => archive.delete(name),
			get: async (name) => {
				if (this.happens("storeFaults", "an archived object is rotten")) {
					throw new ArchiveCorrupt(`${name} is damaged`);
				}
				return archive.get(name);
			},
		};
	}

	met(life: ProcessLife, step: string): void {
		const { weatherNow: weather, random } = this;
		const seen = this.tally.add(step);
		if (weather.crash === 0) return;
		const odds = weather.crash * Math.min(RARE, 1 + 300 / seen);
		if (!random.chance(odds)) return;
		this.tally.add(`killed at ${step}`);
		this.tally.add("killed at a step");
		life.kill();
		this.onDeath(life, null);
	}

	delivered(life: ProcessLife): void {
		const { weatherNow: weather, random } = this;
		if (!life.alive || weather.lag === 0 || !random.chance(weather.lag)) return;
		this.cutFor(life, "log", false, 1 + random.below(300), "a delivery of the log is late");
	}

	/** Cuts a way of a process for a while. */
	cutFor(
		life: ProcessLife,
		way: Parameters<ProcessLife["cut"]>[0],
		out: boolean,
		ms: number,
		name: string,
	): void {
		if (!life.alive || life.isCut(way)) return;
		this.tally.add(name);
		life.cut(way, out);
		this.time.after(ms, () => life.mend(way));
	}

	/** What a cut keeps from a process comes in slowly, one thing at a time, until it is mended. */
	trickle(life: ProcessLife, way: "log" | "ledger", everyMs: number): void {
		if (!life.isCut(way)) return;
		life.letThrough(way);
		this.time.after(everyMs, () => this.trickle(life, way, everyMs));
	}

	crashed(life: ProcessLife, error: unknown): void {
		if (!life.alive) return;
		life.kill();
		this.onDeath(life, error);
	}

	/** Lets this many timers run, wherever that ends. */
	async steps(count: number): Promise<void> {
		for (let i = 0; i < count; i += 1) {
			this.time.step();
			await this.time.settle();
		}
	}

	/** Lets time pass until the promise has settled. */
	async until<T>(promise: Promise<T>, what: string): Promise<T> {
		let settled = false;
		const watched = promise.finally(() => {
			settled = true;
		});
		watched.catch(() => {});
		const holds = (): boolean => settled;
		await this.time.settle();
		await this.untilHolds(holds, what);
		return watched;
	}

	/** Lets time pass until it holds. */
	async untilHolds(holds: () => boolean, what: string | (() => string)): Promise<void> {
		const named = (): string => (typeof what === "string" ? what : what());
		const deadlineMs = this.time.monotonicMs() + WAIT_LIMIT_MS;
		while (!holds()) {
			if (this.time.monotonicMs() > deadlineMs)
				throw new Error(`it takes too long until ${named()}`);
			if (!this.time.step()) throw new Error(`nothing happens any more before ${named()}`);
			await this.time.settle();
		}
	}

	/** From here on what is found wrong is what was to be found. */
	putToTheTest(): void {
		this.tested = true;
	}

	fault(text: string): void {
		if (!this.tested && this.faults.length < 50)
			this.faults.push(`${Math.round(this.time.monotonicMs())} ms: ${text}`);
	}

	async close(): Promise<void> {
		for (const store of this.stores) await store.close();
	}

	private topic<R>(topic: string, codec: Codec<R>, throughCodec: boolean): MemoryLog<R> {
		return new MemoryLog<R>({
			...{ topic, partitions: PARTITIONS, logId: "simulated" },
			...(throughCodec ? { codec } : {}),
			scheduler: this.time,
			fate: (partition, records) => {
				if (this.isHeld(topic, partition, records)) return "not written";
				const fates = ["lost ack", "not written", "late", "twice"] as const;
				return this.pickFate("appendFaults", fates, ` (${topic})`) as AppendFate;
			},
			delayMs: () => this.delayMs(),
		});
	}

	/** For a while no epoch record gets into a partition of `orders`, or nothing into one of `trades`. */
	hold(topic: "orders" | "trades", partition: number, ms: number): void {
		this.heldUntilMs.set(`${topic} ${partition}`, this.time.monotonicMs() + ms);
	}

	private isHeld(topic: string, partition: number, [first]: readonly unknown[]): boolean {
		const untilMs = this.heldUntilMs.get(`${topic} ${partition}`) ?? 0;
		if (this.time.monotonicMs() >= untilMs) return false;
		return topic === "trades" || (first as OrdersRecord).command === null;
	}

	private pickFate(odds: keyof Weather, fates: readonly string[], where = ""): string {
		if (!this.random.chance(this.weatherNow[odds])) return "ok";
		const fate = this.random.pick(fates);
		this.tally.add(`${odds}${where}: ${fate}`);
		return fate;
	}
}
