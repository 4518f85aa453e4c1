import { MemoryArchive } from "../../../db/archive/memory-archive.ts";
import { MemoryDatabase } from "../../../db/ledger/memory-database.ts";
import { type LedgerFault, MemoryLedger } from "../../../db/ledger/memory-ledger.ts";
import { type AppendFate, MemoryLog } from "../../../db/log/memory-log.ts";
import { type OrdersRecord, VENUE_SHARD } from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import { type Ledger, LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import { ordersCodec, tradesCodec } from "../../../schemas/record-codec.ts";
import { MatchingWorker } from "../../matching/worker.ts";
import { settled } from "../../shared/testing/settled.ts";
import { VirtualTime } from "../../shared/testing/virtual-time.ts";
import { VenueWorker } from "../worker.ts";

const logger = { info: () => {}, warn: () => {}, error: () => {} };
export const PARTITIONS = 2;

/** A venue of two partitions with matching; venue workers come and go in it. */
export class World {
	readonly time = new VirtualTime();
	readonly database = new MemoryDatabase();
	readonly fatal: unknown[] = [];
	ordersFate: AppendFate = "ok";
	/** Until a log does what it is asked; asked once for each call, ms. */
	delayMs: () => number = () => 0;
	ledgerFaults: LedgerFault[] = [];
	usualLedgerFault: LedgerFault = "ok";
	/** So many of the next raises and loads find no ledger. */
	ledgerAwayFor = 0;
	/** How far the venue's own clock is off. */
	clockErrorMs = 0;
	/** And that of the ledger's server. */
	ledgerClockErrorMs = 0;
	orders = new MemoryLog<OrdersRecord>({
		...{ topic: "orders", partitions: PARTITIONS, logId: "test", scheduler: this.time },
		codec: ordersCodec,
		delayMs: () => this.delayMs(),
		fate: () => this.ordersFate,
	});
	trades = new MemoryLog<EventRecord>({
		...{ topic: "trades", partitions: PARTITIONS, logId: "test", scheduler: this.time },
		codec: tradesCodec,
		delayMs: () => this.delayMs(),
	});

	/** @param newestVersion of the engine's rules that is known */
	async match(newestVersion?: number): Promise<void> {
		const archive = new MemoryArchive({ scheduler: this.time });
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			const worker = new MatchingWorker({
				...{ partition, book: "fast", orders: this.orders, trades: this.trades, archive },
				...{ clock: this.time, scheduler: this.time, logger },
				...{ newestVersion, onFatal: (error) => this.fatal.push(error) },
			});
			await this.settled(worker.start());
		}
	}

	unstarted(): VenueWorker {
		return new VenueWorker({
			...{ orders: this.orders, trades: this.trades, scheduler: this.time, logger },
			clock: {
				nowMs: () => this.time.nowMs() + this.clockErrorMs,
				monotonicMs: () => this.time.monotonicMs(),
			},
			ledger: this.ledger(),
			onFatal: (error) => this.fatal.push(error),
		});
	}

	private ledger(): Ledger {
		const ledger = new MemoryLedger({
			...{ database: this.database, scheduler: this.time, clock: this.time },
			fault: () => this.ledgerFaults.shift() ?? this.usualLedgerFault,
		});
		const orAway = <T>(call: () => Promise<T>): Promise<T> => {
			this.ledgerAwayFor -= 1;
			return this.ledgerAwayFor >= 0 ? Promise.reject(new LedgerUnavailable("away")) : call();
		};
		return {
			raiseEpoch: (shard, atLeast) => orAway(() => ledger.raiseEpoch(shard, atLeast)),
			clockMs: async () => this.time.nowMs() + this.ledgerClockErrorMs,
			load: (shard) => orAway(() => ledger.load(shard)),
			positions: (shard) => orAway(() => ledger.positions(shard)),
			access: () => orAway(() => ledger.access()),
			commit: (shard, batch) => ledger.commit(shard, batch),
			transfersAfter: (...at) => ledger.transfersAfter(...at),
			close: () => ledger.close(),
		};
	}

	async venue(): Promise<VenueWorker> {
		const worker = this.unstarted();
		await this.settled(worker.start());
		return worker;
	}

	settled<T>(promise: Promise<T>): Promise<T> {
		return settled(this.time, promise, 2_000);
	}

	async ordersOf(partition: number): Promise<OrdersRecord[]> {
		const entries = await this.settled(this.orders.read(partition, 0, 100_000));
		return entries.map((entry) => entry.record);
	}

	position(partition: number) {
		return this.database.load(VENUE_SHARD).positions[partition];
	}
}
