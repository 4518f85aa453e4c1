import { MemoryArchive } from "../../../db/archive/memory-archive.ts";
import { InProcessKeyValue } from "../../../db/cache/in-process-key-value.ts";
import { InProcessPubSub } from "../../../db/cache/in-process-pubsub.ts";
import { StoredListenKeys } from "../../../db/cache/listen-keys.ts";
import { SqliteHistory } from "../../../db/history/sqlite-history.ts";
import { MemoryAuditLog } from "../../../db/ledger/memory-audit-log.ts";
import { MemoryDatabase } from "../../../db/ledger/memory-database.ts";
import { MemoryLedger } from "../../../db/ledger/memory-ledger.ts";
import { MemoryUsers } from "../../../db/ledger/memory-users.ts";
import { type AppendFate, MemoryLog } from "../../../db/log/memory-log.ts";
import { SqliteOrderLog } from "../../../db/order-log/sqlite-order-log.ts";
import { DEFAULT_EDGE_SETTINGS } from "../../../edge/settings.ts";
import type { OrdersRecord } from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import { type Codec, ordersCodec, tradesCodec } from "../../../schemas/record-codec.ts";
import { defaultAccountSettings } from "../../accounts/settings.ts";
import { VirtualTime } from "../../shared/testing/virtual-time.ts";
import { ExchangeCore, type Machine, type Stores } from "../core.ts";
import { ensureMarkets } from "../first-start.ts";
import { ProcessLife } from "./process-life.ts";
import type { SeededRandom } from "./seeded-random.ts";
import {
	simulatedPasswords,
	simulatedSecretBox,
	simulatedSignature,
	simulatedSignatures,
} from "./simulated-crypto.ts";

/** How rough a seed's world is; each odd is per call. */
export interface Weather {
	/** An append's acknowledgement is lost, or comes late, or the append is doubled or dropped. */
	readonly logFaults: number;
	/** A ledger commit's answer is lost, or the commit does not happen. */
	readonly ledgerFaults: number;
	/** Longest way of an append or commit, ms. */
	readonly delayMs: number;
}

const UNLIMITED = 1_000_000_000;
const PARTITIONS = 1;
/** Virtual ms after which a start has failed. */
const START_LIMIT_MS = 60_000;

/**
 * A world that outlives its processes: log, ledger, archive, order log and time stay when the exchange
 * in it is killed, and another is booted on what there is.
 */
export class World {
	readonly time = new VirtualTime();
	/** Everything that anybody said was broken; a run without faults ends with none. */
	readonly faults: string[] = [];
	core: ExchangeCore | null = null;
	boots = 0;
	private readonly random: SeededRandom;
	private readonly weather: Weather;
	private readonly orders: MemoryLog<OrdersRecord>;
	readonly trades: MemoryLog<EventRecord>;
	private readonly database = new MemoryDatabase();
	private readonly archive: MemoryArchive;
	private readonly orderLog = new SqliteOrderLog({ path: ":memory:" });
	private readonly history = new SqliteHistory({ path: ":memory:" });
	private life: ProcessLife;

	constructor(random: SeededRandom, weather: Weather) {
		this.random = random;
		this.weather = weather;
		this.orders = this.topic("orders", ordersCodec);
		this.trades = this.topic("trades", tradesCodec);
		this.archive = new MemoryArchive({ scheduler: this.time });
		this.life = new ProcessLife(this.time);
	}

	/** Starts an exchange on what the world holds. */
	async boot(): Promise<ExchangeCore> {
		this.boots += 1;
		this.life = new ProcessLife(this.time);
		const core = new ExchangeCore(this.stores(), this.machine(), this.settings(), (error) =>
			this.faults.push(`fatal: ${error instanceof Error ? error.message : String(error)}`),
		);
		await this.until(core.start(), "the exchange starts");
		await this.until(ensureMarkets(core.venue, PARTITIONS), "the markets are there");
		this.core = core;
		return core;
	}

	/** kill -9, between two steps of anything. */
	kill(): void {
		this.life.kill();
		this.core = null;
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
		const deadlineMs = this.time.monotonicMs() + START_LIMIT_MS;
		await this.time.settle();
		while (!settled) {
			if (this.time.monotonicMs() > deadlineMs) throw new Error(`it takes too long until ${what}`);
			if (!this.time.step()) throw new Error(`nothing happens any more before ${what}`);
			await this.time.settle();
		}
		return watched;
	}

	private topic<R>(topic: string, codec: Codec<R>): MemoryLog<R> {
		return new MemoryLog<R>({
			...{ topic, codec, partitions: PARTITIONS, logId: "simulated" },
			scheduler: this.time,
			fate: () => this.fate(),
			delayMs: () => this.random.below(this.weather.delayMs + 1),
		});
	}

	private fate(): AppendFate {
		if (!this.random.chance(this.weather.logFaults)) return "ok";
		return this.random.pick(["lost ack", "not written", "late", "twice"] as const);
	}

	private stores(): Stores {
		const { life, database } = this;
		const { scheduler } = life;
		const ledger = new MemoryLedger({
			...{ database, scheduler, serverScheduler: this.time },
			latencyMs: () => this.random.below(this.weather.delayMs + 1),
			fault: () => {
				if (!this.random.chance(this.weather.ledgerFaults)) return "ok";
				return this.random.pick(["lost answer", "not done"] as const);
			},
		});
		const keyValue = new InProcessKeyValue({ clock: this.time, scheduler });
		return {
			orders: life.log(this.orders),
			trades: life.log(this.trades),
			ledger: life.ledger(ledger),
			users: new MemoryUsers(database, scheduler),
			audit: new MemoryAuditLog(database, scheduler, (text) => simulatedSignature("", text)),
			orderLog: this.orderLog,
			history: this.history,
			archive: life.archive(this.archive),
			keyValue,
			listenKeys: new StoredListenKeys({ keyValue, random: this.random }),
			pubsub: new InProcessPubSub({ scheduler, throughCodec: true }),
		};
	}

	private machine(): Machine {
		return {
			clock: this.time,
			scheduler: this.life.scheduler,
			random: this.random,
			signatures: simulatedSignatures,
			passwords: simulatedPasswords,
			secretBox: simulatedSecretBox,
			logger: this.logger(),
			asset: async () => null,
		};
	}

	private settings() {
		return {
			book: "fast",
			edge: {
				...DEFAULT_EDGE_SETTINGS,
				requestWeightPerMinute: UNLIMITED,
				rawRequestsPer5Minutes: UNLIMITED,
			},
			accounts: {
				...defaultAccountSettings,
				orderLimits: [{ intervalMs: 10_000, limit: UNLIMITED }],
			},
			exclusive: true,
		} as const;
	}

	/** Errors that a worker logs count: in this world nothing goes wrong but what is tolerated. */
	private logger(): Logger {
		return {
			info: () => {},
			warn: () => {},
			error: (message, fields) => this.faults.push(`logged: ${message} ${JSON.stringify(fields)}`),
		};
	}
}
