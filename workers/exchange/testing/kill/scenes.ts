import { existsSync, readdirSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { postgresPid } from "../processes.ts";
import type { RunningExchange } from "../running-exchange.ts";

/** One way to die. */
export interface KillScene {
	readonly says: string;
	/** Waits for its moment and kills the exchange; resolves when that is dead, with when it was. */
	strike(exchange: RunningExchange): Promise<string>;
	/** Starts that do not come to an end, before the one that does. */
	again?(exchange: RunningExchange): Promise<string>;
}

/** Longer than an account worker may answer on the proof of its epoch (`workers/protocol/lease.ts`). */
const PAUSE_MS = 2_500;
/** A matching snapshot is due every thirty seconds. */
const SNAPSHOT_WITHIN_MS = 40_000;

/** kill -9 of the whole process under load, and the moments at which that hurts most. */
export const KILL_SCENES: readonly KillScene[] = [
	{ says: "under load", strike: (exchange) => killSoon(exchange) },
	{
		says: "PostgreSQL with it",
		strike: async (exchange) => {
			const ms = await moment(300, 1_500);
			await exchange.kill(true);
			return `${ms} ms`;
		},
	},
	{
		says: "during the next start too, twice",
		strike: (exchange) => killSoon(exchange),
		again: async (exchange) => {
			const first = await killStarting(exchange, 0, 300);
			return `${first}, ${await killStarting(exchange, 200, 1_200)}`;
		},
	},
	{
		says: "PostgreSQL is down or starts",
		strike: async (exchange) => {
			const before = await moment(200, 800);
			process.kill(postgresPid(exchange.dataDir), "SIGKILL");
			const ms = await moment(0, 700);
			await exchange.kill(false);
			return `${before} ms, ${ms} ms after it`;
		},
	},
	{
		says: "once more the moment it is ready",
		strike: (exchange) => killSoon(exchange),
		again: async (exchange) => {
			const readyMs = await exchange.start();
			await exchange.kill(false);
			return `${readyMs.toFixed(0)} ms`;
		},
	},
	{
		says: "PostgreSQL recovers from a lost backend",
		strike: async (exchange) => {
			const before = await moment(200, 800);
			const [backend] = backends(exchange.dataDir);
			if (backend === undefined) throw new Error("PostgreSQL serves nobody");
			process.kill(backend, "SIGKILL");
			const ms = await moment(0, 150);
			await exchange.kill(false);
			return `${before} ms, ${ms} ms after it`;
		},
	},
	{
		says: "after a pause (SIGSTOP)",
		strike: async (exchange) => {
			const before = await moment(200, 800);
			process.kill(exchange.pid, "SIGSTOP");
			await Bun.sleep(PAUSE_MS);
			process.kill(exchange.pid, "SIGCONT");
			const ms = await moment(0, 60);
			await exchange.kill(false);
			return `${before} ms, paused ${PAUSE_MS} ms, ${ms} ms after it`;
		},
	},
	{
		says: "while a snapshot is written",
		strike: async (exchange) => {
			const from = performance.now();
			const file = await fileBegins(join(exchange.dataDir, "archive"));
			await exchange.kill(false);
			const whole = !existsSync(join(exchange.dataDir, "archive", file));
			const ms = (performance.now() - from).toFixed(0);
			return `${ms} ms, the file ${whole ? "whole" : "half-written"}`;
		},
	},
];

async function killSoon(exchange: RunningExchange): Promise<string> {
	const ms = await moment(300, 1_500);
	await exchange.kill(false);
	return `${ms} ms`;
}

/** Kills a start that is under way, so many ms after it began; says when. */
async function killStarting(exchange: RunningExchange, from: number, to: number): Promise<string> {
	const ended = exchange.start().then(
		() => "ready",
		() => "starting",
	);
	const ms = await moment(from, to);
	await exchange.kill(false);
	return `${ms} ms, ${await ended}`;
}

/** Lets some time pass; how much, ms. */
async function moment(from: number, to: number): Promise<number> {
	const ms = Math.round(from + Math.random() * (to - from));
	await Bun.sleep(ms);
	return ms;
}

/** Resolves with the name of the next file that is begun in a folder. */
function fileBegins(folder: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const late = setTimeout(() => {
			watcher.close();
			reject(new Error(`no file within ${SNAPSHOT_WITHIN_MS} ms`));
		}, SNAPSHOT_WITHIN_MS);
		const watcher = watch(folder, (_, file) => {
			clearTimeout(late);
			watcher.close();
			resolve(file ?? "");
		});
	});
}

/** Processes of the PostgreSQL that serve a connection (Linux). */
function backends(dataDir: string): number[] {
	const server = postgresPid(dataDir);
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.filter((name) => parentOf(name) === server && wordsOf(name).includes("[local]"))
		.map(Number);
}

function parentOf(pid: string): number {
	return Number(/^PPid:\s*(\d+)/m.exec(fileOf(`/proc/${pid}/status`))?.[1] ?? 0);
}

function wordsOf(pid: string): string {
	return fileOf(`/proc/${pid}/cmdline`);
}

/** Empty for a process that is gone by now. */
function fileOf(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return "";
	}
}
