import type { Subprocess } from "bun";
import { linesOf } from "../lines-of.ts";

/** What a contender answers to "throughput". Sums are whole numbers, perhaps beyond 2^53: as text. */
export interface ThroughputAnswer {
	readonly commands: number;
	readonly seconds: number;
	readonly cpuSeconds: number;
	readonly fills: number;
	readonly volume: string;
	readonly notional: string;
	readonly hash: number;
	readonly restingOrders: number;
	readonly restingQty: string;
	/** Records that it could not express, and left out; absent when there is none. */
	readonly skipped?: number;
}

/** What it answers to "latency". */
export interface LatencyAnswer {
	readonly p50Ns: number;
	readonly p99Ns: number;
	readonly p999Ns: number;
}

/** What it answers to "memory". */
export interface MemoryAnswer {
	readonly bytesPerRestingOrder: number;
}

/**
 * An engine in a process of its own that plays a workload as often as it is asked to: a line in, a line
 * of JSON out. It stays alive between its turns, so that its compiler's work is kept.
 */
export class Contender {
	readonly name: string;
	private readonly process: Subprocess<"pipe", "pipe", "inherit">;
	private readonly lines: AsyncIterator<string>;

	constructor(name: string, command: readonly string[]) {
		this.name = name;
		this.process = Bun.spawn([...command], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
		this.lines = linesOf(this.process.stdout);
	}

	/** @throws Error when the process ends instead of answering */
	async ask<T>(what: "throughput" | "latency" | "memory"): Promise<T> {
		this.process.stdin.write(`${what}\n`);
		this.process.stdin.flush();
		const line = await this.lines.next();
		if (line.done === true) throw new Error(`${this.name} ended before it answered`);
		return JSON.parse(line.value) as T;
	}

	async stop(): Promise<void> {
		this.process.stdin.end();
		await this.process.exited;
	}
}
