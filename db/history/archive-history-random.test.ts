/**
 * Processes that write one partition's history one after the other, some of which live on beside the next, to an archive
 * that now and then fails.
 */
import { expect, test } from "bun:test";
import type { PublicTrade } from "../../schemas/market.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import { MemoryArchive } from "../archive/memory-archive.ts";
import { ArchiveHistory } from "./archive-history.ts";

const SEEDS = Number(process.env["HISTORY_SEEDS"] ?? 20);
const FIRST_SEED = Number(process.env["HISTORY_FIRST_SEED"] ?? 1);
const STEPS = 150;
const ALL = { fromId: 1, startMs: null, endMs: null, limit: 100_000 };

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`nothing that was stored is lost, whoever stores and merges beside: seed ${seed}`, async () => {
		const world = new World(seed);
		for (let step = 0; step < STEPS; step += 1) await world.step();
		await world.end();
	});
}

interface Process {
	readonly history: ArchiveHistory;
	alive: boolean;
	/** What it stores next begins after this one. */
	reached: number;
	isWriting: boolean;
}

class World {
	private readonly random: (below: number) => number;
	private readonly waiting: (() => void)[] = [];
	private readonly archive = new MemoryArchive({
		scheduler: { soon: (run) => void this.waiting.push(run), after: never, every: never },
	});
	private living: Process[] = [];
	private opening: Promise<unknown> | null = null;
	private isFaulty = true;
	/** Someone was told that all up to here is stored. */
	private stored = 0;
	private readonly faults: unknown[] = [];

	constructor(seed: number) {
		this.random = randomOf(seed);
	}

	async step(): Promise<void> {
		const what = this.random(10);
		if (what === 0 && this.living.length > 1) this.die(0);
		else if (what === 1 && this.living.length > 0) this.die(this.living.length - 1);
		else if (what < 4 && this.opening === null) this.opening = this.open();
		else for (const process of this.living) this.act(process);
		for (let n = this.random(30); n > 0; n -= 1) await this.call();
	}

	/** All that is on its way arrives, nobody writes any more, and another looks at what is there. */
	async end(): Promise<void> {
		this.isFaulty = false;
		const isAlone = (): boolean => this.opening === null && this.living.length > 0;
		while (!isAlone()) {
			this.opening ??= this.open();
			await this.call();
		}
		for (const process of this.living) process.alive = false;
		while (this.waiting.length > 0) await this.call();
		const last = await this.until(ArchiveHistory.open(this.archive));
		const position = await this.until(last.position(0));
		expect(position).toBeGreaterThanOrEqual(this.stored);
		expect(await this.until(last.trades(1, ALL))).toEqual(trades(0, position));
		expect(this.faults).toEqual([]);
	}

	private act(process: Process): void {
		if (this.random(3) === 0) void this.read(process).catch((error) => this.unlessAway(error));
		else if (!process.isWriting) void this.write(process);
	}

	/** One batch at a time, and again until it is stored. */
	private async write(process: Process): Promise<void> {
		process.isWriting = true;
		const from = process.reached;
		process.reached += 1 + this.random(4);
		const evSeq = process.reached;
		const batch = { partition: 0, evSeq, trades: trades(from, evSeq), aggTrades: [], klines: [] };
		for (let isStored = false; !isStored; ) {
			isStored = await process.history.write(batch).then(
				() => true,
				(error) => this.unlessAway(error),
			);
		}
		this.stored = Math.max(this.stored, evSeq);
		process.isWriting = false;
	}

	private unlessAway(error: unknown): boolean {
		if (!(error instanceof Away)) this.faults.push(error);
		return false;
	}

	private async read({ history }: Process): Promise<void> {
		const atLeast = await history.position(0);
		const found = await history.trades(1, ALL);
		if (found.length < atLeast || found.some(({ tradeId }, i) => tradeId !== i + 1)) {
			throw new Error(`of ${atLeast} there are ${found.map(({ tradeId }) => tradeId)}`);
		}
	}

	private async open(): Promise<void> {
		const process: Partial<Process> & { alive: boolean } = { alive: true };
		try {
			const history = await ArchiveHistory.open(this.seenBy(process));
			const reached = await history.position(0);
			this.living.push(Object.assign(process, { history, reached, isWriting: false }));
		} catch (error) {
			this.unlessAway(error);
		}
		this.opening = null;
	}

	/** What a process has sent arrives, unless the archive is away; dead, it hears nothing and sends nothing. */
	private seenBy(process: { readonly alive: boolean }): Archive {
		const { archive } = this;
		const heard = <T>(call: () => Promise<T>): Promise<T> =>
			new Promise((resolve, reject) => {
				if (!process.alive) return;
				const fate = this.isFaulty ? this.random(60) : 2;
				const answer = fate === 0 ? Promise.reject(new Away()) : call();
				const told = fate === 1 ? answer.then(() => Promise.reject(new Away())) : answer;
				told.then(
					(value) => process.alive && resolve(value),
					(error) => process.alive && reject(error),
				);
			});
		return {
			put: (name, bytes) => heard(() => archive.put(name, bytes)),
			get: (name) => heard(() => archive.get(name)),
			list: (prefix) => heard(() => archive.list(prefix)),
			delete: (name) => heard(() => archive.delete(name)),
		};
	}

	private die(at: number): void {
		const [dead] = this.living.splice(at, 1);
		if (dead !== undefined) dead.alive = false;
	}

	private async until<T>(promise: Promise<T>): Promise<T> {
		let done = false;
		const end = () => {
			done = true;
		};
		promise.then(end, end);
		while (!done) await this.call();
		return promise;
	}

	/** Any of the calls that wait arrives. */
	private async call(): Promise<void> {
		this.waiting.splice(this.random(this.waiting.length), 1)[0]?.();
		await new Promise<void>((resolve) => setImmediate(resolve));
	}
}

function never(): never {
	throw new Error("an archive waits for nothing");
}

/** A call of the archive that was not done, or whose answer is lost. */
class Away extends Error {}

/** One for each event record after the first, up to the second. */
function trades(after: number, upTo: number): PublicTrade[] {
	return Array.from({ length: upTo - after }, (_, i) => {
		const tradeId = after + 1 + i;
		return { symbolId: 1, tradeId, priceTicks: 5, qtyLots: 6, ts: tradeId, buyerIsMaker: true };
	});
}

function randomOf(seed: number): (below: number) => number {
	let state = seed | 0;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % Math.max(1, below);
	};
}
