import type { AggTrade, Kline, KlineInterval, PublicTrade } from "../../schemas/market.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { History, HistoryBatch } from "../../schemas/ports/history.ts";
import type { TradeRange } from "../../schemas/ports/market-data.ts";
import { aggTradesOf, klinesOf, type RowBounds, type SegmentRows, tradesOf } from "./segment.ts";
import { type Segment, SegmentGone, SegmentStore } from "./segment-store.ts";

/** A segment may be merged into another while it is about to be read: so often what is asked for is looked for. */
const LOOKS = 5;

/** How rows of one kind are found, and told apart. */
interface RowKind<T> {
	/** Their name in a segment's bounds. */
	readonly name: string;
	rows(segment: SegmentRows): readonly T[];
	id(row: T): number;
	ts(row: T): number;
}

/**
 * History in an archive, S3 in the cluster: each batch is one object, and is durable and whole when that
 * is put; objects are merged behind. Rows of a symbol grow by id and time, so a query reads the few
 * segments that its range meets. One process at a
 * time writes a partition; what one that lives no more writes or merges late is seen through.
 */
export class ArchiveHistory implements History {
	private readonly archive: Archive;
	private readonly onMergeFailed: (partition: number, error: unknown) => void;
	private readonly stores = new Map<number, SegmentStore>();
	/** The last write, merge or look at what is there; each waits for the one before. */
	private last: Promise<unknown> = Promise.resolve();

	private constructor(
		archive: Archive,
		onMergeFailed: (partition: number, error: unknown) => void,
	) {
		this.archive = archive;
		this.onMergeFailed = onMergeFailed;
	}

	/**
	 * @param partitions those that are written or asked for; all that there are when absent
	 * @param onMergeFailed told of each merge that failed; it is tried again with the next batch
	 */
	static async open(
		archive: Archive,
		partitions?: readonly number[],
		onMergeFailed: (partition: number, error: unknown) => void = () => {},
	): Promise<ArchiveHistory> {
		const history = new ArchiveHistory(archive, onMergeFailed);
		for (const partition of partitions ?? (await SegmentStore.partitions(archive))) {
			await history.store(partition);
		}
		return history;
	}

	write(batch: HistoryBatch): Promise<void> {
		const written = this.last.then(() => this.writeNow(batch));
		this.last = written.then(
			() => this.merge(batch.partition),
			() => {},
		);
		return written;
	}

	private async merge(partition: number): Promise<void> {
		try {
			const store = await this.store(partition);
			await store.merge().catch(async (error) => {
				if (!(error instanceof SegmentGone)) throw error;
				// Another process merged it: what is there now may be merged, too.
				await store.load();
				await store.merge();
			});
		} catch (error) {
			this.onMergeFailed(partition, error);
		}
	}

	async position(partition: number): Promise<number> {
		await this.last;
		return (await this.store(partition)).position();
	}

	trades(symbolId: number, range: TradeRange): Promise<readonly PublicTrade[]> {
		return this.find(range, {
			name: tradesOf(symbolId),
			rows: (segment) => segment.trades.filter((t) => t.symbolId === symbolId),
			id: (t) => t.tradeId,
			ts: (t) => t.ts,
		});
	}

	aggTrades(symbolId: number, range: TradeRange): Promise<readonly AggTrade[]> {
		return this.find(range, {
			name: aggTradesOf(symbolId),
			rows: (segment) => segment.aggTrades.filter((t) => t.symbolId === symbolId),
			id: (t) => t.aggTradeId,
			ts: (t) => t.ts,
		});
	}

	klines(
		symbolId: number,
		interval: KlineInterval,
		range: Omit<TradeRange, "fromId">,
	): Promise<readonly Kline[]> {
		const wanted = (k: Kline) => k.symbolId === symbolId && k.interval === interval;
		return this.find(
			{ ...range, fromId: null },
			{
				name: klinesOf(symbolId, interval),
				rows: (segment) => segment.klines.filter(wanted),
				id: (k) => k.openTimeMs,
				ts: (k) => k.openTimeMs,
			},
		);
	}

	async klineBefore(
		symbolId: number,
		interval: KlineInterval,
		beforeMs: number,
	): Promise<Kline | null> {
		const range = { startMs: null, endMs: beforeMs - 1, limit: 1 };
		return (await this.klines(symbolId, interval, range))[0] ?? null;
	}

	/** Nothing is left to do: an object is durable once it is put. */
	async sync(): Promise<void> {}

	/** After what was asked before. */
	async close(): Promise<void> {
		await this.last;
	}

	private async store(partition: number): Promise<SegmentStore> {
		const there = this.stores.get(partition);
		if (there !== undefined) return there;
		const store = await SegmentStore.open(this.archive, partition);
		this.stores.set(partition, store);
		return store;
	}

	private async writeNow({ partition, evSeq, ...rows }: HistoryBatch): Promise<void> {
		const store = await this.store(partition);
		// What is there stays: it can only be the same again.
		if (evSeq > store.position()) await store.append(evSeq, rows);
	}

	private async find<T>(range: TradeRange, kind: RowKind<T>): Promise<readonly T[]> {
		await this.last;
		for (let looks = 1; ; looks += 1) {
			try {
				return await this.findNow(range, kind);
			} catch (error) {
				if (!(error instanceof SegmentGone) || looks === LOOKS) throw error;
				await this.loadAgain();
			}
		}
	}

	/** Between two writes: one that ended meanwhile would not be in what was listed. */
	private loadAgain(): Promise<void> {
		const loaded = this.last.then(async () => {
			for (const store of this.stores.values()) await store.load();
		});
		this.last = loaded.catch(() => {});
		return loaded;
	}

	private async findNow<T>(range: TradeRange, kind: RowKind<T>): Promise<readonly T[]> {
		const ascending = range.fromId !== null || range.startMs !== null;
		const found = new Map<number, T>();
		for (const [store, segment] of this.meeting(range, kind.name, ascending)) {
			const rows = kind
				.rows(await store.rowsOf(segment))
				.filter((row) => isWithin(row, range, kind));
			for (const row of rows) if (!found.has(kind.id(row))) found.set(kind.id(row), row);
			if (found.size >= range.limit) break;
		}
		const rows = [...found.values()].sort((a, b) => kind.id(a) - kind.id(b));
		return ascending
			? rows.slice(0, range.limit)
			: rows.slice(Math.max(0, rows.length - range.limit));
	}

	/** The segments that have rows of this name within the range, in the order they are wanted. */
	private meeting(
		range: TradeRange,
		name: string,
		ascending: boolean,
	): readonly (readonly [SegmentStore, Segment])[] {
		const meeting = [...this.stores.values()].flatMap((store) =>
			store.segments
				.filter(({ bounds }) => bounds[name] !== undefined && meets(bounds[name], range))
				.map((segment) => [store, segment] as const),
		);
		return ascending ? meeting : meeting.reverse();
	}
}

function meets({ ids, times }: RowBounds, { fromId, startMs, endMs }: TradeRange): boolean {
	return (
		(fromId === null || ids.high >= fromId) &&
		(startMs === null || times.high >= startMs) &&
		(endMs === null || times.low <= endMs)
	);
}

function isWithin<T>(row: T, { fromId, startMs, endMs }: TradeRange, kind: RowKind<T>): boolean {
	const ts = kind.ts(row);
	return (
		(fromId === null || kind.id(row) >= fromId) &&
		(startMs === null || ts >= startMs) &&
		(endMs === null || ts <= endMs)
	);
}
