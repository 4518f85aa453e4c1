import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BUN_ENVIRONMENT } from "../../../infra/bun-environment.ts";
import { endsWithUs } from "../../../infra/local/ends-with-us.ts";
import { untilTimeCatchesUp } from "./fresh-timestamp.ts";
import { postgresPid } from "./processes.ts";

const checkout = resolve(import.meta.dir, "../../..");
const START_LIMIT_MS = 180_000;

/**
 * What the exchange of a test is made of, by CASTLE_PARTS: one process ("embedded"), or real servers and a
 * process for each worker, the edge under Bun ("stack-bun") or Deno ("stack-deno"). CASTLE_SERVERS names
 * the servers of such a stack, which then has a venue of its own on them; without, it starts its own.
 */
const PARTS = process.env["CASTLE_PARTS"] ?? "embedded";
const EDGES: Readonly<Record<string, string>> = { "stack-bun": "bun", "stack-deno": "deno" };
const EDGE = EDGES[PARTS];
if (EDGE === undefined && PARTS !== "embedded") throw new Error(`CASTLE_PARTS=${PARTS} is none`);

/** The exchange of a test is many processes. */
export const IS_STACK: boolean = EDGE !== undefined;
const PROGRAM = IS_STACK ? "infra/stack/main.ts" : "workers/exchange/main.ts";
/** Where the test that started it is killed: the one process ends its PostgreSQL itself, a stack's parts end with it. */
const LAST_SIGNAL = IS_STACK ? "KILL" : "TERM";
/** Where the keys stand that seal users' secrets, in the data folder. */
export const KEY_FILE: string = IS_STACK ? "keys.json" : "secret.key";
/** What a stack is started with beside a test's own settings. */
const STACK: Readonly<Record<string, string>> = IS_STACK
	? { EDGE: EDGE ?? "", SERVERS: process.env["CASTLE_SERVERS"] ?? "", STANDBYS: "0", EDGES: "1" }
	: {};

/** Limits out of the way of a test; everything else as delivered. */
export const WIDE_LIMITS = {
	DISK_FULL_PERCENT: "100",
	WEIGHT_PER_MINUTE: "1000000000",
	RAW_REQUESTS_PER_5_MINUTES: "1000000000",
	ORDERS_PER_10_SECONDS: "1000000000",
	ORDERS_PER_DAY: "1000000000",
	CONNECTIONS_PER_5_MINUTES: "1000000000",
} as const;

/** An API key as the operator's command line prints it. */
export interface PrintedKey {
	readonly apiKey: string;
	readonly secret: string;
	readonly keyId: number;
	readonly privateKey?: string;
}

/** A user with an HMAC key, made by the operator. */
export interface TestUser extends PrintedKey {
	readonly userId: number;
}

/** The exchange as a user starts it, on a data folder of the test's. */
export class RunningExchange {
	readonly dataDir: string;
	private readonly settings: Readonly<Record<string, string>>;
	private child: Bun.Subprocess<"ignore", "pipe", "pipe"> | null = null;
	private output = "";
	private address = "";
	private names = 0;

	constructor(settings: Readonly<Record<string, string>> = {}) {
		// The folder itself: PostgreSQL runs as another user under root, and must be able to enter it.
		this.dataDir = mkdtempSync(join(tmpdir(), "castle-e2e-"));
		const venue = IS_STACK ? { VENUE: `t${crypto.randomUUID().slice(0, 13)}` } : {};
		this.settings = { PORT: "0", DEMO: "0", ...STACK, ...venue, ...WIDE_LIMITS, ...settings };
	}

	/** "http://127.0.0.1:41234" */
	get url(): string {
		return this.address;
	}

	get pid(): number {
		return this.child?.pid ?? 0;
	}

	/** Everything printed since the last start. */
	printed(): string {
		return this.output;
	}

	/** All it has logged, in one process or many. */
	log(): string {
		const folder = IS_STACK ? join(this.dataDir, "processes") : this.dataDir;
		const files = readdirSync(folder).filter((name) => name.endsWith(".log"));
		return files.map((name) => readFileSync(join(folder, name), "utf8")).join("");
	}

	/** What it is started with. */
	environment(): Record<string, string | undefined> {
		return { ...process.env, ...BUN_ENVIRONMENT, ...this.settings, DATA_DIR: this.dataDir };
	}

	/** Starts it; resolves with the milliseconds until it said that it is ready. */
	async start(): Promise<number> {
		const startedAt = performance.now();
		this.output = "";
		const command = [process.execPath, join(checkout, PROGRAM)];
		const child = Bun.spawn([...endsWithUs(LAST_SIGNAL), ...command], {
			env: this.environment(),
			stdin: "ignore",
			stdout: "pipe",
			stderr: "pipe",
		});
		this.child = child;
		this.collect(child.stderr);
		const { promise: tooLate, reject } = Promise.withResolvers<never>();
		const limit = setTimeout(
			() => reject(new Error(`not ready after ${START_LIMIT_MS} ms:\n${this.output}`)),
			START_LIMIT_MS,
		);
		try {
			await Promise.race([
				this.collect(child.stdout, (text) => /ready +(http:\/\/\S+)/.exec(text)?.[1]),
				child.exited.then((code) => {
					throw new Error(`the exchange ended with ${code}:\n${this.output}`);
				}),
				tooLate,
			]);
		} finally {
			// It would keep a benchmark alive.
			clearTimeout(limit);
		}
		const readyMs = performance.now() - startedAt;
		// A file before this one may have called more often than there were milliseconds.
		await untilTimeCatchesUp();
		return readyMs;
	}

	/** Ctrl-C; resolves with the exit code. */
	async stop(): Promise<number> {
		this.child?.kill("SIGINT");
		return (await this.child?.exited) ?? 0;
	}

	/** kill -9, and of its PostgreSQL too when asked. */
	async kill(postgresToo: boolean): Promise<void> {
		const postgres = postgresToo ? postgresPid(this.dataDir) : 0;
		this.child?.kill("SIGKILL");
		if (postgres > 0) process.kill(postgres, "SIGKILL");
		await this.child?.exited;
	}

	/** Stops whatever runs, a PostgreSQL left behind too, and removes the data folder. */
	async dispose(): Promise<void> {
		if (this.child !== null && this.child.exitCode === null) await this.stop();
		const left = postgresPid(this.dataDir);
		if (left > 0) process.kill(left, "SIGQUIT");
		rmSync(this.dataDir, { recursive: true, force: true });
	}

	/** Runs the operator's command line; its JSON answer. */
	async operator<T = Record<string, unknown>>(...words: string[]): Promise<T> {
		const child = Bun.spawn(
			[process.execPath, join(checkout, "workers/exchange/operator/cli.ts"), ...words],
			{ env: { ...process.env, DATA_DIR: this.dataDir }, stdout: "pipe", stderr: "pipe" },
		);
		const [out, err, code] = await Promise.all([
			new Response(child.stdout).text(),
			new Response(child.stderr).text(),
			child.exited,
		]);
		if (code !== 0) throw new Error(`operator ${words.join(" ")}: ${code}: ${out}${err}`);
		return JSON.parse(out) as T;
	}

	/** A user with a key and these deposits, "asset" to decimal text. */
	async createUser(deposits: Readonly<Record<string, string>>): Promise<TestUser> {
		this.names += 1;
		const email = `user-${this.names}-${crypto.randomUUID()}@example.com`;
		const { userId } = await this.operator<{ userId: number }>(
			...["user", "create", "--email", email, "--password", "correct horse battery"],
		);
		const user = String(userId);
		for (const [asset, amount] of Object.entries(deposits)) {
			await this.operator(
				...["deposit", "--user", user, "--asset", asset, "--amount", amount],
				...["--id", `first-${asset}`],
			);
		}
		const key = await this.operator<PrintedKey>(
			...["key", "create", "--user", user, "--type", "hmac", "--scopes", "read,trade"],
		);
		return { ...key, userId };
	}

	/** Gathers a stream; resolves when `found` finds something, and goes on gathering. */
	private collect(
		stream: ReadableStream<Uint8Array>,
		found: (text: string) => string | undefined = () => undefined,
	): Promise<void> {
		const decoder = new TextDecoder();
		return new Promise((resolve) => {
			const pump = async () => {
				for await (const chunk of stream) {
					this.output += decoder.decode(chunk, { stream: true });
					const address = found(this.output);
					if (address === undefined) continue;
					this.address = address.replace(/\/$/, "");
					resolve();
				}
			};
			pump();
		});
	}
}
