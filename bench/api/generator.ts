import { join } from "node:path";
import { CProgram } from "../c-program.ts";
import { linesOf } from "../lines-of.ts";

/** One run of the load generator. */
export interface Load {
	/** "127.0.0.1:41234" */
	readonly hostPort: string;
	readonly usersFile: string;
	readonly connections: number;
	/** Orders per second by the clock; 0: as fast as answers come. */
	readonly rate: number;
	readonly warmupSeconds: number;
	readonly seconds: number;
	readonly seed: number;
	readonly mix: Mix;
}

/** What is sent: in how many symbols, and of a hundred how many cancel and how many cross. */
export interface Mix {
	readonly symbols: number;
	readonly cancelPercent: number;
	readonly crossPercent: number;
}

/** What a venue of three symbols gets: 60 of a hundred rest, 15 cross, 25 cancel. */
export const USUAL_MIX: Mix = { symbols: 3, cancelPercent: 25, crossPercent: 15 };

/** What the generator counted between "measuring" and "measured". */
export interface LoadResult {
	readonly seconds: number;
	/** Answered with 200 in that time. */
	readonly done: number;
	/** Cancels of that time that met an order which had been filled by then: 400 with -2011. */
	readonly lateCancels: number;
	readonly sent: number;
	readonly unanswered: number;
	readonly p50Ns: number;
	readonly p99Ns: number;
	readonly p999Ns: number;
	readonly maxNs: number;
	/** Answers by HTTP status, and those that are no 200 by the API's code. */
	readonly statuses: Readonly<Record<string, number>>;
	readonly codes: Readonly<Record<string, number>>;
}

/** The generator in C. @throws Error when made on a machine without a C compiler */
export class Generator {
	private readonly program = new CProgram(join(import.meta.dir, "generator.c"));
	/** Its process id while it runs; 0 before. */
	pid = 0;

	/** Runs it; `measuring` and `measured` are called when what counts begins and ends. */
	async run(load: Load, measuring: () => void, measured: () => void): Promise<LoadResult> {
		const { hostPort, usersFile, connections, rate, warmupSeconds, seconds, seed } = load;
		const { symbols, cancelPercent, crossPercent } = load.mix;
		const numbers = [
			...[connections, rate, warmupSeconds, seconds, seed],
			...[symbols, cancelPercent, crossPercent],
		].map(String);
		const child = Bun.spawn([this.program.path, hostPort, usersFile, ...numbers], {
			stdin: "ignore",
			stdout: "pipe",
			stderr: "inherit",
		});
		this.pid = child.pid;
		for await (const line of linesOf(child.stdout)) {
			if (line === "measuring") measuring();
			else if (line === "measured") measured();
			else return JSON.parse(line) as LoadResult;
		}
		throw new Error(`the generator ended with ${await child.exited}`);
	}

	dispose(): void {
		this.program.dispose();
	}
}
