import { join } from "node:path";
import { JsonLogger } from "../../db/machine/json-logger.ts";
import { LogFile } from "../../db/machine/log-file.ts";
import { LOOPBACK } from "../../infra/local/free-port.ts";
import { stackSettings } from "../../infra/stack/settings.ts";
import { Stack } from "../../infra/stack/stack.ts";
import { WIDE_LIMITS } from "../../workers/exchange/testing/running-exchange.ts";
import { populate } from "../api/population.ts";

export interface BenchStackOptions {
	readonly folder: string;
	readonly edge: "bun" | "deno";
	readonly shards: number;
	readonly partitions: number;
	/** With funds and keys. */
	readonly users: number;
	say(what: string): void;
}

/**
 * A stack with one process of each kind and nobody standing by, so that what is measured is what an order
 * costs. Clients speak to the edge and to the streams process themselves: in a cluster the balancer before
 * them is another machine's.
 */
export class BenchStack {
	/** The generator's file of keys. */
	readonly usersFile: string;
	private readonly stack: Stack;

	private constructor(stack: Stack, usersFile: string) {
		this.stack = stack;
		this.usersFile = usersFile;
	}

	static async start(options: BenchStackOptions): Promise<BenchStack> {
		const { folder, edge, shards, partitions, users, say } = options;
		const own = {
			...{ PORT: "0", DATA_DIR: folder, EDGE: edge, EDGES: "1", STREAMS: "1", STANDBYS: "0" },
			...{ ACCOUNT_SHARDS: `${shards}`, PARTITIONS: `${partitions}` },
		};
		const environment = { ...process.env, ...WIDE_LIMITS, LOG_ONE_IN: "1000", ...own };
		const log = new LogFile(join(folder, "stack.log"));
		const stack = new Stack({
			settings: stackSettings(environment, folder),
			environment,
			say,
			told: ({ name, state }, why) => {
				if (state === "ended") say(`${name} has ended: ${why}`);
			},
			logger: new JsonLogger(
				"info",
				(text) => log.writeSoon(text),
				() => log.finish(),
			),
		});
		try {
			await stack.start();
			say(`${users} users with keys and funds`);
			return new BenchStack(stack, await populate(folder, users));
		} catch (error) {
			await stack.stop();
			throw error;
		}
	}

	/** "127.0.0.1:41234" */
	get edge(): string {
		return `${LOOPBACK}:${this.stack.part("edge-1").port}`;
	}

	/** "127.0.0.1:41234" */
	get streams(): string {
		return `${LOOPBACK}:${this.stack.part("streams-1").port}`;
	}

	/** Every server and process, and its process id. */
	pids(): ReadonlyMap<string, number> {
		return new Map(this.stack.parts.map(({ name, pid }) => [name, pid]));
	}

	stop(): Promise<void> {
		return this.stack.stop();
	}
}
