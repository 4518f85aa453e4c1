import { expect, test } from "bun:test";
import { sampleBatch } from "../../db/ledger/contract/ledger-samples.ts";
import { type Ledger, type LedgerBatch, LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import type { LogFields } from "../../schemas/ports/logger.ts";
import { Lease } from "../protocol/lease.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { WriteBehind } from "./write-behind.ts";

type Fate = "committed" | "superseded" | "away" | "broken";

/** A write-behind every 50 ms, on a ledger that takes `takesMs` and does what the fates say. */
function writing({ fates = [] as Fate[], takesMs = 0 } = {}) {
	const time = new VirtualTime();
	const sent: { batch: LedgerBatch; atMs: number }[] = [];
	const fatal: unknown[] = [];
	const lease = new Lease(time);
	const it = { dirty: false, copies: 0 };
	const told: string[] = [];
	const tell = (message: string, fields: LogFields = {}): void => {
		told.push(`${message} ${fields["failures"]}`);
	};
	const commit = (shard: number, batch: LedgerBatch) => {
		expect(shard).toBe(3);
		sent.push({ batch, atMs: time.monotonicMs() });
		const fate = fates.shift() ?? "committed";
		return new Promise<"committed" | "superseded">((resolve, reject) => {
			time.after(takesMs, () => {
				if (fate === "away") reject(new LedgerUnavailable("away"));
				else if (fate === "broken") reject(new TypeError("no such table"));
				else resolve(fate);
			});
		});
	};
	const writeBehind = new WriteBehind({
		...{ shard: 3, batch: 7, everyMs: 50, lease, clock: time, scheduler: time },
		logger: { info: tell, warn: tell, error: tell },
		ledger: { commit } as Partial<Ledger> as Ledger,
		isDirty: () => it.dirty,
		copy: (batch) => {
			it.copies += 1;
			it.dirty = false;
			return sampleBatch(1, batch);
		},
		onFatal: (error) => fatal.push(error),
	});
	const sentAt = () => sent.map(({ batch, atMs }) => `${batch.batch} at ${atMs}`);
	return { time, sent, sentAt, fatal, told, lease, it, writeBehind };
}

/** What has become of a promise so far. */
function watched(promise: Promise<unknown>): { done: boolean } {
	const watch = { done: false };
	void promise.then(() => {
		watch.done = true;
	});
	return watch;
}

test("the first batch goes at once, proves the epoch as of its sending, and is waited for", async () => {
	const { time, sentAt, lease, writeBehind } = writing({ takesMs: 30 });
	const started = watched(writeBehind.start());
	await time.advance(29);
	expect([started.done, lease.mayAnswer()]).toEqual([false, false]);
	await time.advance(1);
	expect([started.done, lease.mayAnswer()]).toEqual([true, true]);
	expect(sentAt()).toEqual(["8 at 0"]);
	expect(writeBehind.committed().batches).toBe(1);
});

test("with changes a batch each turn, without any an empty one when it has been idle for long", async () => {
	const { time, sentAt, it, writeBehind } = writing();
	void writeBehind.start();
	await time.advance(70);
	it.dirty = true;
	await time.advance(30);
	it.dirty = true;
	await time.advance(50);
	expect(sentAt()).toEqual(["8 at 0", "9 at 100", "10 at 150"]);
	await time.advance(499);
	expect(sentAt()).toHaveLength(3);
	await time.advance(1);
	expect(sentAt().at(-1)).toBe("11 at 650");
	await time.advance(500);
	expect(sentAt().at(-1)).toBe("12 at 1150");
});

test("one transaction at a time: what changes meanwhile goes with the next", async () => {
	const { time, sentAt, it, writeBehind } = writing({ takesMs: 120 });
	void writeBehind.start();
	await time.advance(10);
	it.dirty = true;
	await time.advance(109);
	expect(sentAt()).toEqual(["8 at 0"]);
	await time.advance(31);
	expect(sentAt()).toEqual(["8 at 0", "9 at 150"]);
	expect(it.copies).toBe(2);
});

test("while its outcome is unknown the same batch goes again, and nothing else", async () => {
	const { time, sent, sentAt, it, fatal, writeBehind } = writing({
		fates: ["away", "away", "committed"],
	});
	const started = watched(writeBehind.start());
	await time.advance(10);
	it.dirty = true;
	await time.advance(89);
	expect(sentAt()).toEqual(["8 at 0", "8 at 50"]);
	expect(started.done).toBe(false);
	await time.advance(2);
	expect(sentAt()).toEqual(["8 at 0", "8 at 50", "8 at 100"]);
	expect(new Set(sent.map(({ batch }) => batch)).size).toBe(1);
	expect(started.done).toBe(true);
	await time.advance(50);
	expect(sentAt().at(-1)).toBe("9 at 150");
	expect(fatal).toEqual([]);
});

test("a ledger that is away is told of, and when it is back", async () => {
	const { time, told, writeBehind } = writing({ fates: ["away", "away", "away", "committed"] });
	void writeBehind.start();
	await time.advance(1_000);
	expect(told).toEqual(["the ledger is away 1", "the ledger is away 2", "the ledger is back 3"]);
});

test("a batch proves the epoch as of its first sending, however often it was sent", async () => {
	const { time, lease, writeBehind, sentAt } = writing({ fates: ["away"], takesMs: 1_000 });
	void writeBehind.start();
	// Sent again at 1,050, answered at 2,050: good until 2,000, which has passed.
	await time.advance(2_050);
	expect(lease.mayAnswer()).toBe(false);
	await time.advance(1_050);
	expect(lease.mayAnswer()).toBe(true);
	writeBehind.stop();
	const nextAt = Number(
		sentAt()
			.find((sent) => sent.startsWith("9 at "))
			?.slice("9 at ".length),
	);
	expect(nextAt).toBeLessThanOrEqual(2_100);
	await time.advance(nextAt + 2_000 - 3_100 - 1);
	expect(lease.mayAnswer()).toBe(true);
	await time.advance(1);
	expect(lease.mayAnswer()).toBe(false);
});

test("superseded, or a ledger that is broken, is the end: nothing proved, nothing sent again", async () => {
	for (const [fate, name] of [
		["superseded", "Superseded"],
		["broken", "TypeError"],
	] as const) {
		const { time, sentAt, fatal, lease, writeBehind } = writing({ fates: [fate] });
		const started = watched(writeBehind.start());
		await time.advance(2_000);
		expect(fatal.map((error) => (error as Error).name)).toEqual([name]);
		expect(sentAt()).toEqual(["8 at 0"]);
		expect([started.done, lease.mayAnswer()]).toEqual([false, false]);
	}
});

test("stopped, it sends nothing and hears nothing", async () => {
	const { time, sentAt, it, lease, fatal, writeBehind } = writing({ takesMs: 10 });
	void writeBehind.start();
	await time.advance(5);
	writeBehind.stop();
	it.dirty = true;
	await time.advance(1_000);
	void writeBehind.commitNow();
	await time.advance(1_000);
	expect(sentAt()).toEqual(["8 at 0"]);
	expect(lease.mayAnswer()).toBe(false);
	expect(fatal).toEqual([]);

	const away = writing({ fates: ["away"] });
	void away.writeBehind.start();
	await away.time.advance(10);
	away.writeBehind.stop();
	await away.time.advance(1_000);
	expect(away.sentAt()).toEqual(["8 at 0"]);

	const broken = writing({ fates: ["broken"], takesMs: 10 });
	void broken.writeBehind.start();
	broken.writeBehind.stop();
	await broken.time.advance(1_000);
	expect(broken.fatal).toEqual([]);
});

test("one more batch is a batch after the one in flight", async () => {
	const { time, sentAt, it, writeBehind } = writing({ takesMs: 30 });
	void writeBehind.start();
	await time.advance(10);
	it.dirty = true;
	const first = watched(writeBehind.commitNow());
	const second = watched(writeBehind.commitNow());
	await time.advance(49);
	expect(sentAt()).toEqual(["8 at 0", "9 at 30"]);
	expect([first.done, second.done]).toEqual([false, false]);
	await time.advance(1);
	expect(first.done).toBe(true);
	await time.advance(30);
	expect(second.done).toBe(true);
});

test("the lag is the age of the oldest change that the ledger does not have, at most", async () => {
	const { time, it, writeBehind } = writing({ takesMs: 80 });
	void writeBehind.start();
	await time.advance(90);
	expect(writeBehind.lagMs()).toBe(0);
	await time.advance(10);
	// Clean at 100, changed at 110, seen at 150 and sent then.
	await time.advance(10);
	it.dirty = true;
	await time.advance(40);
	expect(writeBehind.lagMs()).toBe(50);
	await time.advance(60);
	expect(writeBehind.lagMs()).toBe(110);
	// Changed again at 210, while the batch of 150 is in flight: not before the turn of 200.
	it.dirty = true;
	await time.advance(20);
	expect(writeBehind.lagMs()).toBe(30);
	await time.advance(20);
	expect(writeBehind.lagMs()).toBe(50);
	await time.advance(80);
	expect(writeBehind.lagMs()).toBe(0);
	const lines = writeBehind.committed().metrics(3).split("\n");
	// Nothing to write at the start, then 100 to 230 and 200 to 330.
	expect(lines).toContain('castle_account_commit_lag_seconds_sum{shard="3"} 0.26');
});
