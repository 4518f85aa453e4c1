import { readFileSync } from "node:fs";
import type { StackUnderTest } from "./stack-under-test.ts";

/** Whose turn to die it is, and so what is measured. */
type SceneKind = "accounts" | "matching" | "other";

/** One way in which a part of the stack fails. */
export interface StackScene {
	readonly says: string;
	/** What of its recovery is a take-over. */
	readonly kind: SceneKind;
	/** The shard or the partition that is taken over. */
	readonly number: number;
	/** The part to strike, found before it is struck. */
	target(exchange: StackUnderTest): Promise<string>;
	/** Strikes at once; resolves when what was done to it is over. */
	strike(exchange: StackUnderTest, target: string): Promise<void>;
}

/** How long a process stands still, and how long a server is away. */
const PAUSE_MS = 30_000;
const AWAY_MS = 20_000;

/** It comes last where processors are short: what it has to write may take longer than a drain, and is in the log. */
const WRITES_BEHIND = "order-log";
/** The last line of a process that has drained. */
const DRAINED = {
	whole: /"message":"drained"/,
	perhapsCutOff: /"message":"(drained|not drained in time)"/,
} as const;

/** Processes, by what they do: the one that holds the lease is meant, not the one of that name. */
const WORKERS: readonly (readonly [lease: string, kind: SceneKind, number: number])[] = [
	["accounts-1", "accounts", 1],
	["matching-0", "matching", 0],
	["accounts-2", "accounts", 2],
	["matching-1", "matching", 1],
];
const OTHERS = ["market-data", "order-log", "venue", "streams-1", "edge-1"] as const;

/** kill -9 of each worker. */
export const KILLS: readonly StackScene[] = [
	...WORKERS.map(([lease, kind, number]) => ({
		...{ says: `kill -9 of ${lease}`, kind, number, strike: kill },
		target: async (exchange: StackUnderTest) => (await exchange.holderOf(lease)).name,
	})),
	...OTHERS.map((name) => ({
		...{ says: `kill -9 of ${name}`, kind: "other" as const, number: 0, strike: kill },
		target: async () => name,
	})),
];

/** SIGSTOP for 30 s, then on again. */
export const PAUSES: readonly StackScene[] = KILLS.map((scene) => ({
	...scene,
	says: `${scene.says.replace("kill -9 of", "SIGSTOP 30 s of")}`,
	strike: (exchange, target) => pause(exchange, target, PAUSE_MS),
}));

/** SIGTERM: each drains to its end, and is begun again. */
export const DRAINS: readonly StackScene[] = KILLS.map((scene) => ({
	...scene,
	says: scene.says.replace("kill -9 of", "SIGTERM of"),
	strike: drain,
}));

/** Kafka ended as its operator ends it, and started again. */
export const KAFKA_RESTARTS: readonly StackScene[] = [
	server("Kafka restarted", "kafka", async (exchange, target) => {
		const kafka = exchange.part(target);
		await kafka.stop();
		kafka.start();
		await kafka.untilUp();
	}),
];

export const POSTGRES_KILLS: readonly StackScene[] = [
	server("PostgreSQL killed", "postgres", kill),
];

/** It keeps nothing: killed, it comes back empty. */
export const REDIS_KILLS: readonly StackScene[] = [
	server("Redis killed and flushed", "redis", kill),
];

export const DYNAMODB_AWAY: readonly StackScene[] = [
	server("DynamoDB away for 20 s", "dynamodb", (exchange, target) =>
		pause(exchange, target, AWAY_MS),
	),
];

export const S3_AWAY: readonly StackScene[] = [
	server("S3 away for 20 s", "s3", async (exchange, target) => {
		const s3 = exchange.part(target);
		await s3.stop();
		await Bun.sleep(AWAY_MS);
		s3.start();
		await s3.untilUp();
	}),
];

function server(
	says: string,
	name: string,
	strike: (exchange: StackUnderTest, target: string) => Promise<void>,
): StackScene {
	return { says, kind: "other", number: 0, target: async () => name, strike };
}

/** Resolves when it is known to be dead: until then it would pass for one that is up. */
async function kill(exchange: StackUnderTest, target: string): Promise<void> {
	const part = exchange.part(target);
	const { pid } = part;
	part.kill();
	await part.until(() => part.pid !== pid);
}

/** @throws Error when it did not come to the end of its drain */
async function drain(exchange: StackUnderTest, target: string): Promise<void> {
	const part = exchange.part(target);
	await part.stop();
	const last = lastLineOf(part.logFile ?? "");
	part.start();
	await part.untilUp();
	if (!DRAINED[target === WRITES_BEHIND ? "perhapsCutOff" : "whole"].test(last)) {
		throw new Error(`${target} did not drain: ${last}`);
	}
}

function lastLineOf(file: string): string {
	return readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "";
}

async function pause(exchange: StackUnderTest, target: string, ms: number): Promise<void> {
	const part = exchange.part(target);
	part.pause();
	await Bun.sleep(ms);
	part.resume();
}
