import { createEdge, type Edge } from "../../edge/app.ts";
import { pageRoutes } from "../../edge/openapi/page-routes.ts";
import { operations } from "../../edge/operations.ts";
import type { EdgeServices } from "../../edge/services.ts";
import type { EdgeSettings } from "../../edge/settings.ts";
import type { BookKind } from "../../engine/book.ts";
import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import type { AccountService } from "../../schemas/ports/account-service.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { AuditLog } from "../../schemas/ports/audit-log.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Passwords, SecretBox, Signatures } from "../../schemas/ports/crypto.ts";
import type { History } from "../../schemas/ports/history.ts";
import type { KeyValue } from "../../schemas/ports/key-value.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { ListenKeys } from "../../schemas/ports/listen-keys.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { OrderLog } from "../../schemas/ports/order-log.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { Random } from "../../schemas/ports/random.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { shardOfUser, type Users } from "../../schemas/ports/users.ts";
import type { AccountSettings } from "../accounts/settings.ts";
import { AccountWorker } from "../accounts/worker.ts";
import { MarketDataWorker } from "../market-data/market-data-worker.ts";
import { MatchingWorker } from "../matching/worker.ts";
import { OrderLogWorker } from "../order-log/worker.ts";
import { checkLogOfLedger } from "../protocol/log-identity.ts";
import { VenueWorker } from "../venue/worker.ts";
import type { OperatorServices } from "./operator/services.ts";

/** Everything that keeps something: SQLite files and PostgreSQL, or a simulation's memory. */
export interface Stores {
	readonly orders: Log<OrdersRecord>;
	readonly trades: Log<EventRecord>;
	readonly ledger: Ledger;
	readonly users: Users;
	readonly audit: AuditLog;
	readonly orderLog: OrderLog;
	readonly history: History;
	readonly archive: Archive;
	readonly keyValue: KeyValue;
	readonly listenKeys: ListenKeys;
	readonly pubsub: PubSub;
}

/** What the machine gives: time, chance, cryptography; in a simulation the seed's. */
export interface Machine {
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly random: Random;
	readonly signatures: Signatures;
	readonly passwords: Passwords;
	readonly secretBox: SecretBox;
	readonly logger: Logger;
	readonly asset: EdgeServices["asset"];
}

export interface CoreSettings {
	readonly book: BookKind;
	readonly edge: EdgeSettings;
	readonly accounts: AccountSettings;
	/** A lock proves that no other worker of these shards lives. */
	readonly exclusive: boolean;
	/** Whether the disk has room for new orders; absent: nobody looks. */
	readonly hasRoom?: () => boolean;
	/** Whether the log can be written; absent: nobody looks. */
	readonly canWriteLog?: () => boolean;
}

/**
 * The whole exchange but its sockets: every worker and the edge, in one process, wired to whatever
 * stores and machine it is given. The way of an order through it is a chain of calls:
 * edge → account worker → `orders` → matching → `trades` → market data, order log, account worker.
 */
export class ExchangeCore {
	readonly edge: Edge;
	readonly venue: VenueWorker;
	readonly marketData: MarketDataWorker;
	readonly accounts: readonly AccountWorker[];
	readonly matching: readonly MatchingWorker[];
	readonly operator: OperatorServices;
	private readonly orderLog: OrderLogWorker;
	/** Before matching takes another log's lines for its own, and its snapshots the place of those of the right one. */
	private readonly checkLog: () => Promise<void>;
	private readonly moreMetrics: (() => string)[] = [];
	private readonly canWriteLog: () => boolean;
	private ready = false;

	constructor(
		stores: Stores,
		machine: Machine,
		settings: CoreSettings,
		onFatal: (error: unknown) => void,
	) {
		const { orders, trades, ledger, archive, history, pubsub, orderLog } = stores;
		const { clock, scheduler, random, logger } = machine;
		const partitions = Array.from({ length: orders.partitions }, (_, partition) => partition);
		const common = { orders, trades, clock, scheduler, logger, onFatal };
		this.matching = partitions.map(
			(partition) => new MatchingWorker({ ...common, partition, book: settings.book, archive }),
		);
		this.venue = new VenueWorker({ ...common, ledger });
		this.marketData = new MarketDataWorker({
			...{ log: trades, partitions, archive, history, pubsub },
			...{ clock, scheduler, random, logger },
		});
		const venue = this.marketData.marketData.venue;
		this.orderLog = new OrderLogWorker({ ...common, partitions, orderLog, venue, pubsub });
		this.accounts = Array.from(
			{ length: settings.accounts.accountShards },
			(_, i) =>
				new AccountWorker({
					...{ ...common, shard: i + 1, ledger, pubsub, random },
					settings: settings.accounts,
					exclusive: settings.exclusive,
					hasRoom: () => settings.hasRoom?.() ?? true,
				}),
		);
		this.canWriteLog = settings.canWriteLog ?? (() => true);
		this.checkLog = () => checkLogOfLedger(stores, ledger, this.accounts.length, scheduler);
		const services = this.edgeServices(stores, machine, settings, onFatal);
		this.edge = createEdge(services, operations, pageRoutes(operations));
		this.operator = {
			edge: services,
			venue: this.venue,
			shards: this.accounts.map((worker) => worker.service),
			partitions: orders.partitions,
			// Here whoever answers has read a record before the venue's own answer leaves.
			caughtUp: () => Promise.resolve(),
		};
	}

	/**
	 * Starts the workers in the order of an order's way, each caught up before the next. Market data and
	 * order log follow `trades` ahead of the accounts, so that an answer finds them up to date.
	 */
	async start(): Promise<void> {
		await this.checkLog();
		await Promise.all(this.matching.map((worker) => worker.start()));
		await this.venue.start();
		await this.marketData.start();
		await this.orderLog.start();
		await Promise.all(this.accounts.map((worker) => worker.start()));
		this.ready = true;
	}

	/** Drains: no new orders, answers for those under way, everything written. */
	async stop(): Promise<void> {
		this.ready = false;
		await Promise.all(this.accounts.map((worker) => worker.stop()));
		this.edge.close();
		await this.orderLog.stop();
		await this.marketData.stop();
		await this.venue.stop();
		await Promise.all(this.matching.map((worker) => worker.stop()));
	}

	/** The account worker of a user's shard. */
	accountsOf(userId: number): AccountService {
		const shard = shardOfUser(userId, this.accounts.length);
		return (this.accounts[shard - 1] as AccountWorker).service;
	}

	/** Adds Prometheus lines of what is mounted beside the core. */
	addMetrics(lines: () => string): void {
		this.moreMetrics.push(lines);
	}

	private edgeServices(
		stores: Stores,
		machine: Machine,
		settings: CoreSettings,
		onFatal: (error: unknown) => void,
	): EdgeServices {
		const { users, audit, orderLog, keyValue, listenKeys, pubsub } = stores;
		return {
			...machine,
			...{ users, audit, orderLog, keyValue, listenKeys, pubsub },
			settings: settings.edge,
			accounts: (userId) => this.accountsOf(userId),
			marketData: this.marketData.marketData,
			fatal: onFatal,
			ready: () => this.ready && this.canWriteLog(),
			health: () => this.health(),
			metrics: () => this.metrics(),
		};
	}

	private health(): Readonly<Record<string, string>> {
		const isStopped = this.accounts.some(({ withdrawalsStopped }) => withdrawalsStopped);
		return {
			...(this.canWriteLog() ? {} : { log: "cannot be written" }),
			...(isStopped ? { withdrawals: "stopped" } : {}),
		};
	}

	private metrics(): string {
		const workers = [...this.matching, this.marketData, this.orderLog, ...this.accounts];
		return [...workers.map((worker) => worker.metrics()), ...this.moreMetrics.map((m) => m())].join(
			"",
		);
	}
}
