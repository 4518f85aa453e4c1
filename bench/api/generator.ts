import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
}

/** What the generator counted between "measuring" and "measured". */
export interface LoadResult {
	readonly seconds: number;
	/** Answered with 200 in that time. */
	readonly done: number;
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

/** The generator in C, compiled for this machine when the benchmark begins. */
export class Generator {
	private readonly folder: string;
	private readonly program: string;
	/** Its process id while it runs; 0 before. */
	pid = 0;

	/** @throws Error when this machine has no C compiler */
	constructor() {
		const compiler = Bun.which("cc") ?? Bun.which("gcc") ?? Bun.which("clang");
		if (compiler === null) {
			throw new Error("the load generator is written in C: this machine has no cc, gcc or clang");
		}
		this.folder = mkdtempSync(join(tmpdir(), "castle-generator-"));
		this.program = join(this.folder, "generator");
		const source = join(import.meta.dir, "generator.c");
		const made = Bun.spawnSync([compiler, "-O3", "-march=native", "-o", this.program, source]);
		if (made.exitCode !== 0) throw new Error(`generator.c: ${made.stderr.toString()}`);
	}

	/** Runs it; `measuring` and `measured` are called when what counts begins and ends. */
	async run(load: Load, measuring: () => void, measured: () => void): Promise<LoadResult> {
		const { hostPort, usersFile, connections, rate, warmupSeconds, seconds, seed } = load;
		const numbers = [connections, rate, warmupSeconds, seconds, seed].map(String);
		const child = Bun.spawn([this.program, hostPort, usersFile, ...numbers], {
			stdin: "ignore",
			stdout: "pipe",
			stderr: "inherit",
		});
		this.pid = child.pid;
		let rest = "";
		const decoder = new TextDecoder();
		for await (const chunk of child.stdout) {
			rest += decoder.decode(chunk, { stream: true });
			for (;;) {
				const end = rest.indexOf("\n");
				if (end < 0) break;
				const line = rest.slice(0, end);
				rest = rest.slice(end + 1);
				if (line === "measuring") measuring();
				else if (line === "measured") measured();
				else return JSON.parse(line) as LoadResult;
			}
		}
		throw new Error(`the generator ended with ${await child.exited}`);
	}

	dispose(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}
