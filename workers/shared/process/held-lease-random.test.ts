/** Processes hang, die, drain and begin anew, beside a store that is slow and loses answers: in the end one has the lease. */
import { expect, test } from "bun:test";
import { MemoryLeases } from "../../../db/lease/memory-leases.ts";
import type { Leases } from "../../../schemas/ports/leases.ts";
import { LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import { Dice } from "../../accounts/testing/random-requests.ts";
import { pause } from "../../protocol/patience.ts";
import { VirtualTime } from "../testing/virtual-time.ts";
import { HeldLease } from "./held-lease.ts";

const SEEDS = Number(process.env["LEASE_SEEDS"] ?? 20);
const FIRST_SEED = Number(process.env["LEASE_FIRST_SEED"] ?? 1);
const PROCESSES = 3;
const STEPS = 60;
/** In which all that was late is done, and a holder that is dead is seen to be. */
const CALM_MS = 6_000;

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`in the end one of them has it: seed ${seed}`, async () => {
		const dice = new Dice(seed * 7_919);
		const world = new LeaseWorld(dice);
		for (let step = 0; step < STEPS; step += 1) {
			await world.time.advance(dice.roll(1_000));
			world.step();
		}
		world.isFaulty = false;
		await world.time.advance(CALM_MS);
		expect(world.processes.filter(({ lease }) => lease.isHeld())).toHaveLength(1);
		expect(await world.leases.take("work", "nobody", null)).toMatchObject({ isMine: false });
	});
}

class LeaseWorld {
	readonly time = new VirtualTime();
	readonly leases = new MemoryLeases();
	readonly processes: LeaseProcess[];
	isFaulty = true;
	private readonly dice: Dice;
	private lives = 0;

	constructor(dice: Dice) {
		this.dice = dice;
		this.processes = Array.from({ length: PROCESSES }, (_, place) => this.begin(place));
	}

	/** Something becomes of one of them. */
	step(): void {
		const place = this.dice.roll(PROCESSES);
		const process = this.processes[place] as LeaseProcess;
		const way = this.dice.roll(6);
		if (way === 0) process.pausedUntilMs = Number.POSITIVE_INFINITY;
		// Killed, it cannot but be seen to have gone.
		if (way === 0 && this.dice.chance(50)) void process.connection.close();
		if (way === 1) process.pausedUntilMs = this.time.monotonicMs() + this.dice.roll(5_000);
		if (way === 2) void process.lease.release();
		if (way === 0 || way === 2) this.processes[place] = this.begin(place);
	}

	private begin(place: number): LeaseProcess {
		this.lives += 1;
		const connection = new MemoryLeases(this.leases);
		const process = new LeaseProcess(
			this.time,
			connection,
			this.unsteady(connection),
			`life ${this.lives}`,
			() => {
				// Of a life that is over, it is heard late.
				if (this.processes[place] === process) this.processes[place] = this.begin(place);
			},
		);
		return process;
	}

	/** What is asked comes late now and then, also when its answer was given up long ago. */
	private unsteady(leases: Leases): Leases {
		const { dice, time } = this;
		const done = async <T>(call: () => Promise<T>): Promise<T> => {
			const isLate = this.isFaulty && dice.chance(50);
			const isLost = this.isFaulty && dice.chance(50);
			const answer = pause(time, dice.roll(isLate ? 3_000 : 50)).then(call);
			if (!isLate && !isLost) return answer;
			if (!isLate) await answer;
			await pause(time, 1_000);
			throw new LedgerUnavailable("no answer");
		};
		return {
			take: (...asked) => done(() => leases.take(...asked)),
			release: (...asked) => done(() => leases.release(...asked)),
			close: () => leases.close(),
		};
	}
}

/** One life of a process that wants the lease. */
class LeaseProcess {
	readonly lease: HeldLease;
	readonly connection: MemoryLeases;
	/** It does nothing before. */
	pausedUntilMs = 0;

	constructor(
		time: VirtualTime,
		connection: MemoryLeases,
		leases: Leases,
		holder: string,
		onLost: () => void,
	) {
		this.connection = connection;
		const resumed = (run: () => void): void => {
			if (time.monotonicMs() >= this.pausedUntilMs) run();
			else if (this.pausedUntilMs < Number.POSITIVE_INFINITY) time.after(1, () => resumed(run));
		};
		this.lease = new HeldLease({
			...{ leases, name: "work", holder, clock: time, onTaken() {}, onLost },
			scheduler: {
				after: (ms, run) => time.after(ms, () => resumed(run)),
				every: (ms, run) => time.every(ms, () => resumed(run)),
				soon: (run) => time.soon(() => resumed(run)),
			},
			logger: { info() {}, warn() {}, error() {} },
		});
		this.lease.start();
	}
}
