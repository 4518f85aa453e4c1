import { expect } from "bun:test";
import { MemoryArchive } from "../../../db/archive/memory-archive.ts";
import { type AppendFate, MemoryLog } from "../../../db/log/memory-log.ts";
import { BTCUSDT, buy, sell } from "../../../engine/testing/commands.ts";
import { type Command, CommandKind, type OrdersRecord } from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import { type Archive, ArchiveCorrupt } from "../../../schemas/ports/archive.ts";
import { type Log, LogUnavailable } from "../../../schemas/ports/log.ts";
import { ordersCodec, tradesCodec } from "../../../schemas/record-codec.ts";
import { settled } from "../../shared/testing/settled.ts";
import { VirtualTime } from "../../shared/testing/virtual-time.ts";
import { PartitionState } from "../partition-state.ts";
import { MatchingWorker } from "../worker.ts";

/** What outlives a matching worker, and the worker of the moment. */
export class World {
	readonly time = new VirtualTime();
	readonly fates: AppendFate[] = [];
	/** What every append to `trades` meets when `fates` is used up. */
	usualFate: AppendFate = "ok";
	readonly corrupt = new Set<string>();
	readonly fatal: unknown[] = [];
	readonly warnings: unknown[] = [];
	/** In words. */
	readonly errors: string[] = [];
	readonly readFrom: number[] = [];
	/** Calls of `read` and `end` that will fail, and those of `read` so far, by topic. */
	failingReads = { orders: 0, trades: 0 };
	readonly reads = { orders: 0, trades: 0 };
	orders = this.topic("orders", ordersCodec);
	trades = this.topic("trades", tradesCodec, () => this.fates.shift() ?? this.usualFate);
	readonly archive = new MemoryArchive({ scheduler: this.time });
	failingPuts = 0;
	private seq = 0;

	/** @param newestVersion of the engine's rules that its program knows */
	async worker(newestVersion?: number): Promise<MatchingWorker> {
		const worker = this.unstarted(newestVersion);
		await this.settled(worker.start());
		return worker;
	}

	unstarted(newestVersion?: number): MatchingWorker {
		const logger = {
			info: () => {},
			warn: (_: string, fields?: unknown) => this.warnings.push(fields),
			error: (message: string, fields?: unknown) => {
				this.errors.push(message);
				this.warnings.push(fields);
			},
		};
		return new MatchingWorker({
			...{ partition: 0, book: "fast", newestVersion },
			...{
				trades: this.watched("trades", this.trades),
				orders: this.watched("orders", this.orders),
			},
			...{ archive: this.store(), clock: this.time, scheduler: this.time, logger },
			onFatal: (error) => this.fatal.push(error),
		});
	}

	/** Lets time pass until a snapshot is being written that will fail. */
	async failingSnapshot(): Promise<void> {
		this.failingPuts = 1;
		while (this.failingPuts > 0) await this.time.advance(10);
	}

	/** Lets time pass until the promise has settled. */
	settled<T>(promise: Promise<T>): Promise<T> {
		return settled(this.time, promise, 1_000);
	}

	async begin(): Promise<void> {
		await this.lines([{ shard: 1, epoch: 1, ts: 1, command: null }]);
		await this.send({ kind: CommandKind.AddSymbol, symbol: BTCUSDT });
	}

	async send(...commands: Command[]): Promise<void> {
		await this.lines(
			commands.map((command) => {
				this.seq += 1;
				return { shard: 1, epoch: 1, seq: this.seq, ts: 1_000 + this.seq, command };
			}),
		);
	}

	/** Commands that leave a trade and a resting order each. */
	async trade(count: number): Promise<void> {
		for (let i = 0; i < count; i += 1) await this.send(sell(1, 5, 100 + i), buy(2, 3, 100 + i));
	}

	async lines(lines: readonly OrdersRecord[]): Promise<void> {
		await this.settled(this.orders.append(0, lines));
	}

	/** The distinct records of `trades` by evSeq; doubles must be the same bytes. */
	async published(): Promise<EventRecord[]> {
		const byEvSeq = new Map<number, EventRecord>();
		for (const { record } of await this.settled(this.trades.read(0, 0, 100_000))) {
			expect(byEvSeq.get(record.evSeq) ?? record).toEqual(record);
			byEvSeq.set(record.evSeq, record);
		}
		return [...byEvSeq.values()];
	}

	/** What a worker that never failed would have published. */
	async expected(newestVersion?: number): Promise<EventRecord[]> {
		const state = PartitionState.empty(0, "naive", newestVersion);
		const lines = await this.settled(this.orders.read(0, 0, 100_000));
		return lines.flatMap(({ record }) => state.apply(record));
	}

	snapshots(): Promise<readonly string[]> {
		return this.settled(this.archive.list("matching/0/"));
	}

	topic<R>(
		topic: string,
		codec: { encode(r: R): string; decode(t: string): R },
		fate: () => AppendFate = () => "ok",
		logId = "test",
	): MemoryLog<R> {
		return new MemoryLog<R>({ topic, codec, fate, logId, partitions: 1, scheduler: this.time });
	}

	private watched<R>(topic: "orders" | "trades", log: Log<R>): Log<R> {
		const away = () => {
			this.failingReads[topic] -= 1;
			return this.failingReads[topic] >= 0;
		};
		return {
			...{ topic, partitions: 1, logId: log.logId },
			append: (partition, records) => log.append(partition, records),
			end: (partition) =>
				away() ? Promise.reject(new LogUnavailable("away")) : log.end(partition),
			read: (partition, from, limit) => {
				if (away()) return Promise.reject(new LogUnavailable("away"));
				this.reads[topic] += 1;
				if (topic === "orders") this.readFrom.push(from);
				return log.read(partition, from, limit);
			},
			follow: (partition, from, deliver) => log.follow(partition, from, deliver),
		};
	}

	private store(): Archive {
		const { archive } = this;
		return {
			put: (name, bytes) => {
				this.failingPuts -= 1;
				if (this.failingPuts < 0) return archive.put(name, bytes);
				return new Promise((_, reject) => {
					this.time.after(50, () => reject(new Error("the archive is away")));
				});
			},
			get: (name) =>
				this.corrupt.has(name) ? Promise.reject(new ArchiveCorrupt(name)) : archive.get(name),
			list: (prefix) => archive.list(prefix),
			delete: (name) => archive.delete(name),
		};
	}
}
