import { MemoryArchive } from "../../../db/archive/memory-archive.ts";
import { InProcessPubSub } from "../../../db/cache/in-process-pubsub.ts";
import { SqliteHistory } from "../../../db/history/sqlite-history.ts";
import { MemoryDatabase } from "../../../db/ledger/memory-database.ts";
import { MemoryLedger } from "../../../db/ledger/memory-ledger.ts";
import { MemoryLog } from "../../../db/log/memory-log.ts";
import { SqliteOrderLog } from "../../../db/order-log/sqlite-order-log.ts";
import type { OrdersRecord } from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import { SymbolState } from "../../../schemas/order.ts";
import type { History } from "../../../schemas/ports/history.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import type { OrderLog } from "../../../schemas/ports/order-log.ts";
import { shardOfUser } from "../../../schemas/ports/users.ts";
import { ordersCodec, tradesCodec } from "../../../schemas/record-codec.ts";
import { faultsOf } from "../../accounts/audit.ts";
import { defaultAccountSettings } from "../../accounts/settings.ts";
import { type Life, ProcessLog, ProcessScheduler } from "../../accounts/testing/process.ts";
import { Dice, randomRequest } from "../../accounts/testing/random-requests.ts";
import { BTC, BTCUSDT, ETH, ETHBTC, USDT } from "../../accounts/testing/symbols.ts";
import { AccountWorker } from "../../accounts/worker.ts";
import { MarketDataWorker } from "../../market-data/market-data-worker.ts";
import { storedConfig, storeResumedMarket } from "../../market-data/resumed-market.ts";
import { MatchingWorker } from "../../matching/worker.ts";
import { OrderLogWorker } from "../../order-log/worker.ts";
import { untilSettled } from "../../shared/testing/until-settled.ts";
import { VirtualTime } from "../../shared/testing/virtual-time.ts";
import { VenueWorker } from "../../venue/worker.ts";
import type { RecoveryPorts } from "../recover.ts";

const USERS = 6;
export const SHARDS = 2;
export const PARTITIONS = 2;

/** The workers of one life of the venue. */
interface Running {
	readonly life: Life;
	readonly matchingLife: Life;
	readonly venue: VenueWorker;
	readonly accounts: readonly AccountWorker[];
	readonly matching: readonly MatchingWorker[];
}

/**
 * A whole venue of real workers on stores in memory, whose log can be lost: two shards, two partitions, a
 * few users who do anything. The order log may be cut off, and a shard's ledger, before that.
 */
export class LossyVenue {
	readonly time = new VirtualTime();
	readonly database = new MemoryDatabase();
	readonly orderLog = new SqliteOrderLog({ path: ":memory:" });
	readonly history = new SqliteHistory({ path: ":memory:" });
	readonly archive = new MemoryArchive({ scheduler: this.time });
	readonly dice: Dice;
	readonly fatal: unknown[] = [];
	orders = this.topic("orders", ordersCodec, "first");
	trades = this.topic("trades", tradesCodec, "first");
	private running: Running | null = null;
	/** Shards whose batches no longer reach the ledger. */
	private readonly cutShards = new Set<number>();
	/** Partitions that no longer reach the order log. */
	private readonly cutPartitions = new Set<number>();
	private historyIsCut = false;
	private logs = 1;

	constructor(seed: number) {
		this.dice = new Dice(seed);
	}

	/** Starts every worker, in the order of an order's way. */
	async start(): Promise<void> {
		const { time, database, archive, cutShards, fatal } = this;
		const life: Life = { alive: true };
		const matchingLife: Life = { alive: true };
		const scheduler = new ProcessScheduler(time, life);
		const orders = new ProcessLog(this.orders, life);
		const trades = new ProcessLog(this.trades, life);
		const ledger = new MemoryLedger({
			...{ database, scheduler, serverScheduler: time, clock: time },
			fault: (shard) => (cutShards.has(shard) ? "not done" : "ok"),
		});
		const pubsub = new InProcessPubSub({ scheduler });
		const onFatal = (error: unknown): void => {
			fatal.push(error);
		};
		const common = { orders, trades, clock: time, scheduler, logger: silent, onFatal };
		const random = { bytes: (count: number) => new Uint8Array(count) };
		const partitions = Array.from({ length: PARTITIONS }, (_, p) => p);
		const matching = partitions.map(
			(partition) =>
				new MatchingWorker({
					...{ ...common, partition, book: "naive", archive },
					orders: new ProcessLog(this.orders, matchingLife),
					scheduler: new ProcessScheduler(scheduler, matchingLife),
					...{ eventsPerRecord: 3, snapshotEveryMs: 300 },
				}),
		);
		const venue = new VenueWorker({ ...common, ledger });
		const marketData = new MarketDataWorker({
			...{ ...common, log: trades, partitions, archive, pubsub, random },
			...{ history: this.reachableHistory(), snapshotEveryMs: 500 },
		});
		const orderLogWorker = new OrderLogWorker({
			...{ ...common, partitions, pubsub, venue: marketData.marketData.venue },
			orderLog: this.reachableOrderLog(),
		});
		const accounts = Array.from(
			{ length: SHARDS },
			(_, i) =>
				new AccountWorker({
					...{ ...common, shard: i + 1, ledger, pubsub, random, exclusive: true },
					settings: { ...defaultAccountSettings, accountShards: SHARDS, orderLimits: [] },
				}),
		);
		for (const worker of matching) await this.finish(worker.start());
		await this.finish(venue.start());
		await this.finish(marketData.start());
		await this.finish(orderLogWorker.start());
		for (const worker of accounts) await this.finish(worker.start());
		this.running = { life, matchingLife, venue, accounts, matching };
	}

	/** Markets, and money for everyone. */
	async open(): Promise<void> {
		await this.start();
		const { venue } = this.now();
		for (const asset of [BTC, USDT, ETH]) await this.finish(venue.addAsset(asset));
		for (const symbol of [BTCUSDT, ETHBTC]) await this.finish(venue.addSymbol(symbol));
		// The poor spend in one market what they have just received in another.
		const poor = this.dice.chance(500);
		for (let userId = 1; userId <= USERS; userId += 1) {
			for (const assetId of [1, 2, 3]) {
				const amount = poor && assetId !== 3 ? 40_000n : 3_000_000n;
				const request = { userId, assetId, amount, externalId: `first-${assetId}` };
				await this.finish(this.serviceOf(userId).deposit(request));
			}
		}
		// The venue's configuration goes to the ledger now and then.
		await this.time.advance(6_000);
	}

	/** Anything that users may do, for so many turns. */
	async trade(turns: number): Promise<void> {
		const { dice } = this;
		for (let turn = 0; turn < turns; turn += 1) {
			for (let n = 1 + dice.roll(5); n > 0; n -= 1) {
				const userId = 1 + dice.roll(USERS);
				void randomRequest(dice, this.serviceOf(userId), userId);
			}
			await this.time.advance(dice.roll(20));
		}
	}

	/** The same, mostly of orders that are open, while the operator halts markets and lets them trade again. */
	async tradeThroughHalts(turns: number): Promise<void> {
		const { dice, database } = this;
		for (let turn = 0; turn < turns; turn += 1) {
			const open = [1, 2].flatMap((shard) => database.load(shard).openOrders);
			for (let n = 1 + dice.roll(5); n > 0; n -= 1) {
				const userId = 1 + dice.roll(USERS);
				const own = open.filter((order) => order.userId === userId && order.orderId !== 0);
				void randomRequest(dice, this.serviceOf(userId), userId, own);
			}
			if (dice.chance(60)) {
				const symbol = dice.chance(500) ? BTCUSDT : ETHBTC;
				const state = (dice.chance(600) ? SymbolState.Trading : dice.roll(4)) as SymbolState;
				void this.now().venue.setSymbolState(symbol, state);
			}
			if (dice.chance(30)) this.changeRules();
			await this.time.advance(dice.roll(20));
		}
	}

	/** The operator's hand. */
	venue(): VenueWorker {
		return this.now().venue;
	}

	/** What comes now is logged as commands and matched no more. */
	cutMatching(): void {
		this.now().matchingLife.alive = false;
	}

	cutOrderLog(partition: number): void {
		this.cutPartitions.add(partition);
	}

	cutLedger(shard: number): void {
		this.cutShards.add(shard);
	}

	cutHistory(): void {
		this.historyIsCut = true;
	}

	/** What was cut off is in reach again, for who starts from now on. */
	mend(): void {
		this.cutShards.clear();
		this.cutPartitions.clear();
		this.historyIsCut = false;
	}

	/** Everything dies, and the log is gone: a new, empty one stands in its place. */
	lose(): { readonly orders: MemoryLog<OrdersRecord>; readonly trades: MemoryLog<EventRecord> } {
		const { orders, trades } = this;
		this.kill();
		this.mend();
		this.logs += 1;
		this.orders = this.topic("orders", ordersCodec, `log-${this.logs}`);
		this.trades = this.topic("trades", tradesCodec, `log-${this.logs}`);
		return { orders, trades };
	}

	/** Everything dies; the log stays. */
	kill(): void {
		this.now().life.alive = false;
	}

	ports(): RecoveryPorts {
		const { orders, trades, orderLog, history, archive, time, database } = this;
		const ledger = new MemoryLedger({ database, scheduler: time, clock: time });
		const stores = { orders, trades, ledger, orderLog, history, archive };
		return {
			...{ ...stores, clock: time, scheduler: time, accountShards: SHARDS },
			marketConfig: (partition) => storedConfig(partition, { archive, history, logger: silent }),
			resumeMarket: (at) => storeResumedMarket(at, { archive, history, logger: silent }),
		};
	}

	/** What is wrong, in every shard and over all of them. */
	async faults(): Promise<string[]> {
		const { accounts } = this.now();
		const audits = await Promise.all(accounts.map((worker) => this.finish(worker.service.audit())));
		return [...audits.flatMap(faultsOf), ...this.fatal.map(String)];
	}

	/** Ids of open orders in the books, at the accounts, in the ledger, in the order log. */
	async openIds(): Promise<Record<"books" | "accounts" | "ledger" | "orderLog", string[]>> {
		const { matching, accounts } = this.now();
		const books = matching.flatMap((worker) => [...worker.engine().openOrders()]);
		const found: { symbolId: number; orderId: number }[] = [];
		for (let userId = 1; userId <= USERS; userId += 1) {
			const worker = accounts[shardOfUser(userId, SHARDS) - 1] as AccountWorker;
			const orders = await this.finish(worker.service.openOrders(userId, 0));
			if (orders.ok) found.push(...orders.value);
		}
		const shards = [1, 2].map((shard) => this.database.load(shard).openOrders);
		const logged = [await this.orderLog.openOrders(0), await this.orderLog.openOrders(1)];
		const ids = (orders: Iterable<{ symbolId: number; orderId: number }>) =>
			[...orders].map((o) => `${o.symbolId}/${o.orderId}`).sort();
		return {
			books: ids(books),
			accounts: ids(found),
			ledger: ids(shards.flat()),
			orderLog: ids(logged.flat()),
		};
	}

	/** Moves time until the promise has settled. */
	finish<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
		return untilSettled(this.time, promise, limitMs);
	}

	async close(): Promise<void> {
		await this.orderLog.close();
		await this.history.close();
	}

	serviceOf(userId: number): AccountWorker["service"] {
		return (this.now().accounts[shardOfUser(userId, SHARDS) - 1] as AccountWorker).service;
	}

	/** Another fee and other steps, in one of the markets. */
	private changeRules(): void {
		const { dice } = this;
		const operator = this.venue();
		const spec = operator.view().symbols()[dice.roll(2)];
		if (spec === undefined) return;
		const filters = { ...spec.filters, tickTicks: 1 + dice.roll(2), stepLots: 1 + dice.roll(2) };
		void operator.setSymbolRules({ ...spec, filters, takerFeePpm: dice.roll(5_000) });
	}

	private reachableOrderLog(): OrderLog {
		const { orderLog, cutPartitions } = this;
		return {
			position: (partition) => orderLog.position(partition),
			openOrders: (partition) => orderLog.openOrders(partition),
			write: (batch) =>
				cutPartitions.has(batch.partition) ? new Promise(() => {}) : orderLog.write(batch),
		} as OrderLog;
	}

	private reachableHistory(): History {
		const { history } = this;
		const write: History["write"] = (batch) =>
			this.historyIsCut ? new Promise(() => {}) : history.write(batch);
		return Object.assign(Object.create(history), { write });
	}

	private now(): Running {
		if (this.running === null) throw new Error("the venue does not run");
		return this.running;
	}

	private topic<R>(
		topic: string,
		codec: { encode(r: R): string; decode(t: string): R },
		id: string,
	) {
		return new MemoryLog<R>({
			...{ topic, partitions: PARTITIONS, logId: id, codec, scheduler: this.time },
		});
	}
}

const silent: Logger = { info() {}, warn() {}, error() {} };
