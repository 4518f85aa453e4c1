import { describe, expect, test } from "bun:test";
import type { EpochRecord, OrdersRecord } from "../../schemas/command.ts";
import type { Log, LogEntry } from "../../schemas/ports/log.ts";

/** A log under test, with two partitions, and the turns of its scheduler. */
export interface LogUnderTest {
	readonly log: Log<OrdersRecord>;
	/** The same stored records through another instance, as after a restart. */
	reopen(): Promise<Log<OrdersRecord>>;
	close(): Promise<void>;
}

/** A record that is told apart by its number. */
export function numbered(n: number): EpochRecord {
	return { shard: 1, epoch: n, ts: 1_700_000_000_000 + n, command: null };
}

export function numberedFrom(first: number, count: number): EpochRecord[] {
	return Array.from({ length: count }, (_, i) => numbered(first + i));
}

function epochs(entries: readonly LogEntry<OrdersRecord>[]): number[] {
	return entries.map((entry) => entry.record.epoch);
}

function range(from: number, to: number): number[] {
	return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Collects what a follower is given, and tells when it has so many. */
class Collected {
	readonly entries: LogEntry<OrdersRecord>[] = [];
	private waiting: { count: number; resolve: () => void }[] = [];

	readonly deliver = (entries: readonly LogEntry<OrdersRecord>[]): void => {
		this.entries.push(...entries);
		const ready = this.waiting.filter((w) => w.count <= this.entries.length);
		this.waiting = this.waiting.filter((w) => !ready.includes(w));
		for (const { resolve } of ready) resolve();
	};

	reached(count: number): Promise<void> {
		if (count <= this.entries.length) return Promise.resolve();
		return new Promise((resolve) => this.waiting.push({ count, resolve }));
	}
}

/**
 * What every Log does. `make` gives an empty one.
 *
 * @param place a log in the process has served its followers when it acknowledges; brokers elsewhere
 *   acknowledge what followers have yet to fetch
 */
export function logContract(
	name: string,
	make: () => Promise<LogUnderTest>,
	place: "in process" | "elsewhere" = "in process",
): void {
	const withLog = (title: string, run: (under: LogUnderTest) => Promise<void>) =>
		test(title, async () => {
			const under = await make();
			try {
				await run(under);
			} finally {
				await under.close();
			}
		});

	describe(`${name}: the log's contract`, () => {
		withLog("gives gapless offsets from 0, per partition", async ({ log }) => {
			expect(log.partitions).toBe(2);
			expect(await log.end(0)).toBe(0);
			expect(await log.append(0, numberedFrom(0, 3))).toBe(0);
			expect(await log.append(0, [numbered(3)])).toBe(3);
			expect(await log.append(1, [numbered(100)])).toBe(0);
			expect(await log.end(0)).toBe(4);
			expect(await log.end(1)).toBe(1);
			expect((await log.read(0, 0, 10)).map((e) => e.offset)).toEqual([0, 1, 2, 3]);
		});

		withLog("appending nothing takes no offset", async ({ log }) => {
			await log.append(0, [numbered(0)]);
			expect(await log.append(0, [])).toBe(1);
			expect(await log.end(0)).toBe(1);
		});

		withLog("appends of one turn keep their order in each partition", async ({ log }) => {
			const offsets = await Promise.all([
				log.append(0, numberedFrom(0, 2)),
				log.append(1, numberedFrom(50, 2)),
				log.append(0, numberedFrom(2, 3)),
			]);
			expect(offsets).toEqual([0, 0, 2]);
			expect(epochs(await log.read(0, 0, 10))).toEqual([0, 1, 2, 3, 4]);
			expect(epochs(await log.read(1, 0, 10))).toEqual([50, 51]);
		});

		withLog("reads from inside a batch, up to the limit, over batches", async ({ log }) => {
			for (let i = 0; i < 5; i += 1) await log.append(0, numberedFrom(i * 4, 4));
			for (const [from, limit] of [
				[0, 1],
				[3, 2],
				[5, 9],
				[6, 1],
				[18, 50],
				[20, 5],
				[99, 5],
			]) {
				const entries = await log.read(0, from as number, limit as number);
				const expected = range(from as number, Math.min(20, (from as number) + (limit as number)));
				expect(epochs(entries)).toEqual(expected);
				expect(entries.map((e) => e.offset)).toEqual(expected);
			}
		});

		withLog("gives back whole records", async ({ log }) => {
			await log.append(0, [numbered(7)]);
			expect((await log.read(0, 0, 1))[0]).toEqual({ offset: 0, record: numbered(7) });
		});

		withLog("a follower gets what is stored, then what comes, in order", async ({ log }) => {
			await log.append(0, numberedFrom(0, 3));
			const seen = new Collected();
			log.follow(0, 0, seen.deliver);
			await seen.reached(3);
			await log.append(0, numberedFrom(3, 2));
			await log.append(1, [numbered(99)]);
			await seen.reached(5);
			expect(epochs(seen.entries)).toEqual([0, 1, 2, 3, 4]);
			expect(seen.entries.map((e) => e.offset)).toEqual([0, 1, 2, 3, 4]);
		});

		withLog("follows from inside a batch, and from the end", async ({ log }) => {
			await log.append(0, numberedFrom(0, 10));
			const middle = new Collected();
			const end = new Collected();
			log.follow(0, 7, middle.deliver);
			log.follow(0, 10, end.deliver);
			await log.append(0, numberedFrom(10, 2));
			await Promise.all([middle.reached(5), end.reached(2)]);
			expect(epochs(middle.entries)).toEqual([7, 8, 9, 10, 11]);
			expect(epochs(end.entries)).toEqual([10, 11]);
		});

		withLog("a follower from beyond the end gets nothing before it", async ({ log }) => {
			const seen = new Collected();
			log.follow(0, 2, seen.deliver);
			await log.append(0, [numbered(0)]);
			await log.append(0, numberedFrom(1, 3));
			await seen.reached(2);
			expect(seen.entries.map((e) => e.offset)).toEqual([2, 3]);
		});

		withLog("catching up while others append misses and repeats nothing", async ({ log }) => {
			const stored = Array.from({ length: 50 }, (_, i) => numberedFrom(i * 100, 100));
			await Promise.all(stored.map((records) => log.append(0, records)));
			const seen = new Collected();
			log.follow(0, 1, seen.deliver);
			let next = 5_000;
			while (next < 6_000) {
				await log.append(0, numberedFrom(next, 37));
				next += 37;
			}
			await seen.reached(next - 1);
			expect(epochs(seen.entries)).toEqual(range(1, next));
		});

		withLog("serves followers in order of registration", async ({ log }) => {
			const order: string[] = [];
			const second = new Collected();
			log.follow(0, 0, () => order.push("first"));
			log.follow(0, 0, (entries) => {
				order.push("second");
				second.deliver(entries);
			});
			await log.append(0, [numbered(0)]).then(() => order.push("acknowledged"));
			await second.reached(1);
			expect(order.filter((each) => each !== "acknowledged")).toEqual(["first", "second"]);
			if (place === "in process") expect(order.at(-1)).toBe("acknowledged");
		});

		withLog("a follower may append, follow and stop while it is served", async ({ log }) => {
			const first = new Collected();
			const stopped = new Collected();
			const late = new Collected();
			log.follow(0, 0, (entries) => {
				const isServedBefore = first.entries.length > 0;
				first.deliver(entries);
				if (isServedBefore) return;
				stopOther();
				log.follow(0, 0, late.deliver);
				void log.append(0, [numbered(1)]);
			});
			const stopOther = log.follow(0, 0, stopped.deliver);
			await log.append(0, [numbered(0)]);
			// Who of the two hears of the second record first is not said.
			await Promise.all([first.reached(2), late.reached(2)]);
			expect(epochs(first.entries)).toEqual([0, 1]);
			expect(epochs(late.entries)).toEqual([0, 1]);
			expect(stopped.entries).toEqual([]);
		});

		withLog("whoever stopped hears no more, not even a rest of catching up", async ({ log }) => {
			await log.append(0, numberedFrom(0, 5_000));
			const seen = new Collected();
			const stop = log.follow(0, 0, (entries) => {
				seen.deliver(entries);
				stop();
			});
			await seen.reached(1);
			const count = seen.entries.length;
			const other = new Collected();
			log.follow(0, 0, other.deliver);
			await log.append(0, [numbered(5_000)]);
			await other.reached(5_001);
			expect(seen.entries.length).toBe(count);
			expect(count).toBeLessThan(5_000);
		});

		withLog("another instance finds the records, the end and the identity", async (under) => {
			await under.log.append(0, numberedFrom(0, 5));
			await under.log.append(1, numberedFrom(9, 1));
			const { logId } = under.log;
			const again = await under.reopen();
			expect(again.logId).toBe(logId);
			expect(await again.end(0)).toBe(5);
			expect(await again.append(0, [numbered(5)])).toBe(5);
			expect(epochs(await again.read(0, 0, 10))).toEqual(range(0, 6));
			expect(epochs(await again.read(1, 0, 10))).toEqual([9]);
		});
	});
}
