import { expect, test } from "bun:test";
import { MemoryLeases } from "../../../db/lease/memory-leases.ts";
import type { Leases } from "../../../schemas/ports/leases.ts";
import { LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import { Superseded } from "../../protocol/take-over.ts";
import { VirtualTime } from "../testing/virtual-time.ts";
import { BEAT_EVERY_MS, DEAD_AFTER_MS, GONE_AFTER_MS, LOOK_EVERY_MS } from "./held-lease.ts";
import { type TurnOptions, Turns, type Worker } from "./turns.ts";

/** Processes around one store of leases, in virtual time. */
class Cluster {
	readonly time = new VirtualTime();
	readonly leases = new MemoryLeases();
	private processes = 0;

	/** A process whose works are of these names; it tells what happens to them. */
	process(
		names: readonly string[],
		options: TurnOptions & { isAway?: boolean; worker?: Worker } = {},
	) {
		this.processes += 1;
		const id = this.processes;
		const told: string[] = [];
		const logged: string[] = [];
		const log = (message: string) => void logged.push(message);
		const { isAway = false } = options;
		const connection = new MemoryLeases(this.leases);
		const hold = { isPaused: false, isAway, answersAfterMs: 0, closed: false };
		const leases: Leases = {
			take: async (name, holder, deadBeats) => {
				if (hold.isAway) throw new LedgerUnavailable("away");
				if (hold.answersAfterMs > 0) await this.pause(hold.answersAfterMs);
				return connection.take(name, holder, deadBeats);
			},
			release: (name, holder) => connection.release(name, holder),
			close: async () => {
				hold.closed = true;
			},
		};
		const turns = new Turns(
			{
				name: "test",
				logger: { info: log, warn: log, error: log },
				clock: this.time,
				random: { bytes: (count) => new Uint8Array(count).fill(id) },
				scheduler: {
					after: (ms, run) => this.time.after(ms, () => this.unlessPaused(hold, run)),
					every: (ms, run) => this.time.every(ms, () => this.unlessPaused(hold, run)),
					soon: (run) => this.time.soon(run),
				},
				become: (state) => told.push(state),
				fatal: (error) => told.push(`fatal ${(error as Error).message}`),
				succeeded: (why) => told.push(`succeeded: ${why}`),
			},
			leases,
		);
		for (const name of names) {
			const worker: Worker = options.worker ?? {
				start: async () => void told.push(`${name} starts`),
				stop: async () => void told.push(`${name} stops`),
				metrics: () => `work_of_${name} 1\n`,
			};
			turns.add(name, () => worker, options);
		}
		turns.start();
		const hangUp = (): Promise<void> => connection.close();
		/** As kill -9 has it: its connection ends, too. */
		const kill = (): Promise<void> => {
			hold.isPaused = true;
			return hangUp();
		};
		return { turns, told, logged, hold, hangUp, kill };
	}

	private pause(ms: number): Promise<void> {
		return new Promise((resolve) => this.time.after(ms, resolve));
	}

	/** As SIGSTOP has it: what comes due while it is paused comes when it goes on. */
	private unlessPaused(hold: { isPaused: boolean }, run: () => void): void {
		if (hold.isPaused) this.time.after(1, () => this.unlessPaused(hold, run));
		else run();
	}
}

test("the first works, the second stands by; a drain hands over at once", async () => {
	const cluster = new Cluster();
	const first = cluster.process(["a"]);
	await cluster.time.advance(10);
	expect(first.told).toEqual(["standby", "starting", "a starts", "ready"]);
	const second = cluster.process(["a"]);
	await cluster.time.advance(10_000);
	expect(second.told).toEqual(["standby"]);
	expect(second.turns.metrics()).toContain('castle_lease_held{lease="a"} 0');
	await first.turns.stop();
	expect(first.told.at(-1)).toBe("a stops");
	expect(first.hold.closed).toBe(true);
	await cluster.time.advance(LOOK_EVERY_MS + 1);
	expect(second.told).toEqual(["standby", "starting", "a starts", "ready"]);
	expect(second.turns.metrics()).toContain('castle_lease_held{lease="a"} 1\nwork_of_a 1');
});

test("a drain hands over at once, also with a beat or a look on its way", async () => {
	for (const beatOnItsWay of [true, false]) {
		const cluster = new Cluster();
		const first = cluster.process(["a"]);
		await cluster.time.advance(10);
		const second = cluster.process(["a"]);
		await cluster.time.advance(1_000);
		const third = cluster.process(["a"]);
		const drained = beatOnItsWay ? first : second;
		drained.hold.answersAfterMs = 100;
		// Sent, and not there yet.
		await cluster.time.advance(240);
		if (!beatOnItsWay) await first.turns.stop();
		const stopped = drained.turns.stop();
		await cluster.time.advance(100 + LOOK_EVERY_MS + 1);
		await stopped;
		const ready = [second, third].filter(({ told }) => told.includes("ready"));
		expect(ready).toHaveLength(1);
		expect(drained.hold.closed).toBe(true);
	}
});

test("one that hangs is followed when its beats have stood still, and ends when it wakes", async () => {
	const cluster = new Cluster();
	const first = cluster.process(["a"]);
	await cluster.time.advance(10);
	const second = cluster.process(["a"]);
	await cluster.time.advance(3 * BEAT_EVERY_MS);
	first.hold.isPaused = true;
	await cluster.time.advance(DEAD_AFTER_MS - BEAT_EVERY_MS - 10);
	expect(second.told).toEqual(["standby"]);
	await cluster.time.advance(BEAT_EVERY_MS + 2 * LOOK_EVERY_MS);
	expect(second.told.at(-1)).toBe("ready");
	expect(first.told.at(-1)).toBe("ready");
	first.hold.isPaused = false;
	await cluster.time.advance(BEAT_EVERY_MS + 10);
	expect(first.told.at(-1)).toBe("succeeded: the lease a is another's");
});

test("who stands by rehearses once; what fails then is told, and it stands by as before", async () => {
	const cluster = new Cluster();
	const rehearsals: string[] = [];
	const rehearsing = (name: string, outcome: Promise<void>) => ({
		rehearse: () => {
			rehearsals.push(name);
			return outcome;
		},
	});
	const first = cluster.process(["a"], rehearsing("first", Promise.resolve()));
	await cluster.time.advance(10);
	const failed = Promise.reject(new Error("orders 0 has lost data"));
	const second = cluster.process(["a"], rehearsing("second", failed));
	await cluster.time.advance(1_000);
	expect(rehearsals).toEqual(["second"]);
	expect(second.logged).toEqual(["a take-over would fail"]);
	expect(second.told).toEqual(["standby"]);
	await first.kill();
	await cluster.time.advance(GONE_AFTER_MS + 2 * LOOK_EVERY_MS);
	expect(second.told.at(-1)).toBe("ready");
	expect(rehearsals).toEqual(["second"]);
});

test("one that is killed is followed as soon as it could have beaten by another connection", async () => {
	for (const livedMs of [0, 40, 130, 260, 410]) {
		const cluster = new Cluster();
		const first = cluster.process(["a"]);
		await cluster.time.advance(10);
		const second = cluster.process(["a"]);
		await cluster.time.advance(3 * BEAT_EVERY_MS + livedMs);
		await first.kill();
		await cluster.time.advance(GONE_AFTER_MS - BEAT_EVERY_MS - 10);
		expect(second.told).toEqual(["standby"]);
		await cluster.time.advance(BEAT_EVERY_MS + 2 * LOOK_EVERY_MS);
		expect(second.told.at(-1)).toBe("ready");
	}
});

test("connections that end because the store was away are not their holders' end", async () => {
	const cluster = new Cluster();
	const first = cluster.process(["a"]);
	await cluster.time.advance(10);
	const second = cluster.process(["a"]);
	await cluster.time.advance(1_000);
	for (const { hold } of [first, second]) hold.isAway = true;
	await first.hangUp();
	await cluster.time.advance(5_000);
	// Who stands by finds the store first.
	second.hold.isAway = false;
	await cluster.time.advance(DEAD_AFTER_MS - LOOK_EVERY_MS);
	first.hold.isAway = false;
	await cluster.time.advance(5_000);
	expect([first.told.at(-1), second.told.at(-1)]).toEqual(["ready", "standby"]);
});

test("a holder that loses its connection, and beats by another, is not followed", async () => {
	const cluster = new Cluster();
	const first = cluster.process(["a"]);
	await cluster.time.advance(10);
	const second = cluster.process(["a"]);
	for (let times = 0; times < 50; times += 1) {
		await cluster.time.advance(170);
		await first.hangUp();
	}
	expect([first.told.at(-1), second.told.at(-1)]).toEqual(["ready", "standby"]);
});

test("one that stood by and hung itself has not seen the other dead", async () => {
	const cluster = new Cluster();
	const first = cluster.process(["a"]);
	await cluster.time.advance(10);
	const second = cluster.process(["a"]);
	await cluster.time.advance(500);
	second.hold.isPaused = true;
	first.hold.isAway = true;
	await cluster.time.advance(10_000);
	first.hold.isAway = false;
	second.hold.isPaused = false;
	await cluster.time.advance(5_000);
	expect([first.told.at(-1), second.told.at(-1)]).toEqual(["ready", "standby"]);
});

test("leases that are away and leases that are back are told once each", async () => {
	const cluster = new Cluster();
	const { hold, logged } = cluster.process(["a"], { isAway: true });
	await cluster.time.advance(5_000);
	expect(logged).toEqual(["the leases are away"]);
	hold.isAway = false;
	await cluster.time.advance(5_000);
	expect(logged).toEqual(["the leases are away", "the leases are back", "holds the lease"]);
});

test("a store that was away for all, or slow, makes nobody look dead", async () => {
	for (const change of [{ isAway: true }, { answersAfterMs: 800 }]) {
		const cluster = new Cluster();
		const first = cluster.process(["a"]);
		await cluster.time.advance(10);
		const second = cluster.process(["a"]);
		await cluster.time.advance(1_000);
		const { isAway, answersAfterMs } = first.hold;
		Object.assign(first.hold, { isAway: true });
		Object.assign(second.hold, change);
		await cluster.time.advance(30_000);
		Object.assign(second.hold, { isAway, answersAfterMs });
		// Who stands by finds the store first.
		await cluster.time.advance(DEAD_AFTER_MS - LOOK_EVERY_MS);
		first.hold.isAway = false;
		await cluster.time.advance(5_000);
		expect([first.told.at(-1), second.told.at(-1)]).toEqual(["ready", "standby"]);
	}
});

test("a slow look does not count, and does not begin the count anew", async () => {
	const cluster = new Cluster();
	const first = cluster.process(["a"]);
	await cluster.time.advance(10);
	const second = cluster.process(["a"]);
	await cluster.time.advance(3 * BEAT_EVERY_MS);
	first.hold.isPaused = true;
	await cluster.time.advance(1_000);
	second.hold.answersAfterMs = 800;
	await cluster.time.advance(LOOK_EVERY_MS + 800);
	second.hold.answersAfterMs = 0;
	expect(second.told).toEqual(["standby"]);
	await cluster.time.advance(DEAD_AFTER_MS - 1_000 + 2 * LOOK_EVERY_MS);
	expect(second.told.at(-1)).toBe("ready");
});

test("one that hung and was not followed goes on", async () => {
	const cluster = new Cluster();
	const { told, hold } = cluster.process(["a"]);
	await cluster.time.advance(10);
	hold.isPaused = true;
	await cluster.time.advance(30_000);
	hold.isPaused = false;
	await cluster.time.advance(10_000);
	expect(told.at(-1)).toBe("ready");
});

test("with the leases away nobody stops, and nobody begins", async () => {
	const cluster = new Cluster();
	const first = cluster.process(["a"]);
	await cluster.time.advance(10);
	const second = cluster.process(["a", "b"], { isAway: true });
	first.hold.isAway = true;
	await cluster.time.advance(30_000);
	expect(first.told.at(-1)).toBe("ready");
	expect(second.told).toEqual(["standby"]);
	first.hold.isAway = false;
	await cluster.time.advance(BEAT_EVERY_MS + 10);
	second.hold.isAway = false;
	await cluster.time.advance(10_000);
	expect(second.told).toEqual(["standby", "starting", "b starts", "ready"]);
	expect(first.told.at(-1)).toBe("ready");
});

test("where the work itself tells who may do it, a lost lease stops nobody", async () => {
	const cluster = new Cluster();
	const { told, hold } = cluster.process(["a"], { mayLose: true });
	await cluster.time.advance(10);
	hold.isPaused = true;
	const { beats } = await cluster.leases.take("a", "another", null);
	expect((await cluster.leases.take("a", "another", beats)).isMine).toBe(true);
	hold.isPaused = false;
	await cluster.time.advance(5_000);
	expect(told.at(-1)).toBe("ready");
});

test("being superseded at the start is no fault; anything else is", async () => {
	for (const [error, says] of [
		[new Superseded("epoch 7"), "succeeded: epoch 7"],
		[new Error("broken"), "fatal broken"],
	] as const) {
		const cluster = new Cluster();
		const start = () => Promise.reject(error);
		const worker = { start, stop: async () => {}, metrics: () => "" };
		const { told } = cluster.process(["a"], { worker });
		await cluster.time.advance(10);
		expect(told).toEqual(["standby", "starting", says]);
	}
});

test("works of one process have leases of their own; it is ready when all that began have started", async () => {
	const cluster = new Cluster();
	await cluster.leases.take("b", "another", null);
	const { told } = cluster.process(["a", "b"]);
	await cluster.time.advance(900);
	expect(told).toEqual(["standby", "starting", "a starts", "ready"]);
	await cluster.time.advance(1_500);
	expect(told.slice(4)).toEqual(["starting", "b starts", "ready"]);
});
