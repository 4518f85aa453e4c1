import { InProcessPubSub } from "../../../db/cache/in-process-pubsub.ts";
import { MemoryDatabase } from "../../../db/ledger/memory-database.ts";
import { type LedgerFault, MemoryLedger } from "../../../db/ledger/memory-ledger.ts";
import { MemoryUsers } from "../../../db/ledger/memory-users.ts";
import { type AppendFate, MemoryLog } from "../../../db/log/memory-log.ts";
import {
	type Command,
	CommandKind,
	type OrdersRecord,
	VENUE_SHARD,
} from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import { OrderType, Side, StpMode, TimeInForce } from "../../../schemas/order.ts";
import type { Caller, Outcome, PlaceRequest } from "../../../schemas/ports/account-service.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import { ordersCodec, tradesCodec } from "../../../schemas/record-codec.ts";
import type { SymbolSpec } from "../../../schemas/symbol.ts";
import type { UserEventMessage } from "../../../schemas/user-event.ts";
import { userEvents } from "../../../schemas/user-event-channel.ts";
import { untilSettled } from "../../shared/testing/until-settled.ts";
import { VirtualTime } from "../../shared/testing/virtual-time.ts";
import { faultsOf } from "../audit.ts";
import { type AccountSettings, defaultAccountSettings } from "../settings.ts";
import { AccountWorker } from "../worker.ts";
import { Matcher } from "./matcher.ts";
import { type Life, ProcessLog, ProcessScheduler } from "./process.ts";
import { BTC, BTCUSDT, ETH, ETHBTC, USDT } from "./symbols.ts";

const PARTITIONS = 2;

export interface WorldOptions {
	readonly settings?: Partial<AccountSettings>;
	readonly symbols?: readonly SymbolSpec[];
	readonly maxEventsPerRecord?: number;
	/** Commands that an operator skips. */
	readonly refuses?: (command: Command) => boolean;
	readonly appendFate?: (topic: string, records: readonly unknown[]) => AppendFate;
	readonly ledgerFault?: () => LedgerFault;
	readonly latencyMs?: () => number;
	readonly exclusive?: boolean;
	readonly hasRoom?: () => boolean;
	readonly logger?: Logger;
}

/** One life of an account worker. */
export interface Process {
	readonly worker: AccountWorker;
	readonly life: Life;
	readonly fatal: unknown[];
}

/**
 * A small venue around account workers: virtual time, logs and ledger in memory that outlive them, the
 * real engine. What tests do to it, they do through `AccountService`.
 */
export class World {
	readonly time = new VirtualTime();
	readonly database = new MemoryDatabase();
	readonly users = new MemoryUsers(this.database, this.time);
	readonly orders: MemoryLog<OrdersRecord>;
	readonly trades: MemoryLog<EventRecord>;
	readonly pubsub = new InProcessPubSub({ scheduler: this.time });
	readonly matchers: readonly Matcher[];
	readonly events: UserEventMessage[] = [];
	private readonly options: WorldOptions;
	private venueSeqs = new Array<number>(PARTITIONS).fill(0);

	constructor(options: WorldOptions = {}) {
		this.options = options;
		const { time } = this;
		const delayMs = options.latencyMs;
		const common = {
			partitions: PARTITIONS,
			logId: "test",
			scheduler: time,
			...(delayMs === undefined ? {} : { delayMs }),
		};
		const fate = options.appendFate;
		this.orders = new MemoryLog({
			...common,
			topic: "orders",
			codec: ordersCodec,
			...(fate === undefined ? {} : { fate: (_, records) => fate("orders", records) }),
		});
		this.trades = new MemoryLog({
			...common,
			topic: "trades",
			codec: tradesCodec,
			...(fate === undefined ? {} : { fate: (_, records) => fate("trades", records) }),
		});
		this.matchers = Array.from(
			{ length: PARTITIONS },
			(_, partition) =>
				new Matcher(
					...([partition, this.orders, this.trades, time] as const),
					...([options.maxEventsPerRecord, options.refuses] as const),
				),
		);
		this.pubsub.subscribe(userEvents, (messages) => this.events.push(...messages));
	}

	/** A venue with its symbols, and a started worker of shard 1. */
	static async open(options: WorldOptions = {}): Promise<{ world: World; process: Process }> {
		const world = new World(options);
		await world.openVenue();
		const process = await world.startWorker();
		return { world, process };
	}

	async openVenue(): Promise<void> {
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			await this.finish(
				this.orders.append(partition, [
					{ shard: VENUE_SHARD, epoch: 1, ts: this.time.nowMs(), command: null },
				]),
			);
			for (const asset of [BTC, USDT, ETH]) {
				await this.venue(partition, { kind: CommandKind.AddAsset, asset });
			}
		}
		for (const symbol of this.options.symbols ?? [BTCUSDT, ETHBTC]) {
			await this.venue(symbol.partition, { kind: CommandKind.AddSymbol, symbol });
		}
	}

	/** Writes a command of the venue's own, stamped by a clock that may be ahead of the others. */
	async venue(partition: number, command: Command, aheadMs = 0): Promise<void> {
		const seq = (this.venueSeqs[partition] ?? 0) + 1;
		this.venueSeqs[partition] = seq;
		const ts = this.time.nowMs() + aheadMs;
		const record = { shard: VENUE_SHARD, epoch: 1, seq, ts, command };
		const appended = this.orders.append(partition, [record]);
		await this.finish(appended.catch(() => 0));
	}

	/** A worker of a shard in a process of its own, whose clock may be off; not started. */
	makeWorker(shard = 1, clockOffMs = 0): Process {
		const life: Life = { alive: true };
		const scheduler = new ProcessScheduler(this.time, life);
		const fatal: unknown[] = [];
		const { ledgerFault, latencyMs, settings, exclusive } = this.options;
		const worker = new AccountWorker({
			shard,
			orders: new ProcessLog(this.orders, life),
			trades: new ProcessLog(this.trades, life),
			ledger: new MemoryLedger({
				database: this.database,
				scheduler,
				serverScheduler: this.time,
				clock: this.time,
				...(latencyMs === undefined ? {} : { latencyMs }),
				...(ledgerFault === undefined
					? {}
					: {
							fault: ledgerFault,
							otherFault: () => (ledgerFault() === "ok" ? "ok" : "lost answer"),
						}),
			}),
			pubsub: this.pubsub,
			clock: {
				nowMs: () => this.time.nowMs() + clockOffMs,
				monotonicMs: () => this.time.monotonicMs(),
			},
			scheduler,
			random: { bytes: (count) => new Uint8Array(count) },
			logger: this.options.logger ?? silent,
			settings: { ...defaultAccountSettings, ...settings },
			exclusive: exclusive ?? true,
			hasRoom: () => this.options.hasRoom?.() ?? true,
			onFatal: (error) => fatal.push(error),
		});
		return { worker, life, fatal };
	}

	async startWorker(shard = 1): Promise<Process> {
		const process = this.makeWorker(shard);
		await this.finish(process.worker.start());
		return process;
	}

	/** Ends a process at once, as kill -9 does. */
	kill(process: Process): void {
		process.life.alive = false;
	}

	/** Moves time until the promise has settled. */
	finish<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
		return untilSettled(this.time, promise, limitMs);
	}

	/** The value of an outcome that must be good. */
	async value<T>(promise: Promise<Outcome<T>>): Promise<T> {
		const outcome = await this.finish(promise);
		if (!outcome.ok) throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`);
		return outcome.value;
	}

	/** The reason of an outcome that must be a refusal. */
	async refusal<T>(promise: Promise<Outcome<T>>): Promise<string> {
		const outcome = await this.finish(promise);
		if (outcome.ok) throw new Error("it was not refused");
		return outcome.refusal.reason;
	}

	async deposit(process: Process, userId: number, assetId: number, amount: bigint): Promise<void> {
		const externalId = `d${userId}-${assetId}-${this.time.nowMs()}-${amount}`;
		await this.value(process.worker.service.deposit({ userId, assetId, amount, externalId }));
	}

	/** "available/held" of a user's asset. */
	async balance(process: Process, userId: number, assetId: number): Promise<string> {
		const { balances } = await this.value(process.worker.service.account(userId));
		const line = balances.find((balance) => balance.assetId === assetId);
		return line === undefined ? "0/0" : `${line.available}/${line.held}`;
	}

	/** What the invariants have against the worker's state. */
	async faults(process: Process): Promise<string[]> {
		return faultsOf(await this.finish(process.worker.service.audit()));
	}
}

/** A caller of a session: no key, no signature. */
export function user(userId: number): Caller {
	return {
		userId,
		keyId: 0,
		keyGeneration: 0,
		signatureDigest: "",
		timestampMs: 0,
		recvWindowMs: 0,
	};
}

let ids = 0;

/** A limit buy of 10 lots at 100 ticks, but for what is said otherwise. */
export function order(changes: Partial<PlaceRequest> = {}): PlaceRequest {
	ids += 1;
	return {
		symbolId: 1,
		side: Side.Buy,
		type: OrderType.Limit,
		timeInForce: TimeInForce.Gtc,
		byQuote: false,
		priceTicks: 100,
		qtyLots: 10,
		quoteTickLots: 0,
		stopPriceTicks: 0,
		displayLots: 0,
		stpMode: StpMode.None,
		clientOrderId: `c${ids}`,
		clientIdGiven: true,
		strategyId: 0,
		strategyType: 0,
		...changes,
	};
}

const silent: Logger = { info() {}, warn() {}, error() {} };
