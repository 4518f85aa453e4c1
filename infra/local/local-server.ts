import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { endsWithUs } from "./ends-with-us.ts";
import { giveWay } from "./give-way.ts";

/** A real server that runs on this machine, on the loopback address only. */
export interface LocalServer {
	readonly name: string;
	readonly pid: number;
	readonly port: number;
	/** What it wrote, over all starts in its folder. */
	readonly logFile: string;
	/** True until its process ended, however it did. */
	isRunning(): boolean;
	/** Told once, when its process has ended: by which signal, or with which code. */
	onEnd(told: (how: string) => void): void;
	/** SIGTERM, and after `stopMs` SIGKILL; returns when the process is gone. */
	stop(): Promise<void>;
}

/** A server whose process runs. */
export interface BegunServer {
	readonly server: LocalServer;
	/** When it answers; rejects with the end of its log when it does not, and nothing of it runs then. */
	readonly answers: Promise<void>;
}

/** What each server's own file is given. */
export interface StartOptions {
	/** Its data and its log, for it alone; made if needed. What is there is used again. */
	readonly folder: string;
	/** Chosen by the system when absent; that of an earlier start, to be found again. */
	readonly port?: number;
	/** Told what is downloaded or built, which takes minutes the first time. */
	readonly say?: (line: string) => void;
}

export interface LaunchSpec {
	readonly name: string;
	readonly command: readonly [string, ...string[]];
	readonly env?: Readonly<Record<string, string>>;
	readonly folder: string;
	readonly port: number;
	/** True when it does what a client wants of it; an open port alone says little. */
	answers(): Promise<boolean>;
	/** How often it is asked while it starts; 25 ms unless it says otherwise. */
	readonly pollMs?: number;
	/** Others go first where processors are short: as `nice` counts, up to 19; 0 unless it says otherwise. */
	readonly niceness?: number;
	/** How long a stop may take before it is killed; 10 s unless it says otherwise. */
	readonly stopMs?: number;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 25;
const LAST_WORDS = 1_500;

/**
 * Starts a server and waits until it answers.
 *
 * @throws Error with the end of its log; nothing of it runs then
 */
export async function launch(spec: LaunchSpec): Promise<LocalServer> {
	const { server, answers } = begin(spec);
	await answers;
	return server;
}

/**
 * Starts a server without waiting for it.
 *
 * It gets a session of its own, since the terminal's Ctrl-C is not for it: who uses it drains first. Who started
 * it and is killed leaves it no work: it is killed too. It writes to its log by itself: nobody reads a pipe for it.
 */
export function begin(spec: LaunchSpec): BegunServer {
	mkdirSync(spec.folder, { recursive: true });
	const logFile = join(spec.folder, `${spec.name}.log`);
	const log = openSync(logFile, "a", 0o600);
	const logStart = statSync(logFile).size;
	const [program, ...words] = [...endsWithUs("KILL"), ...spec.command] as [string, ...string[]];
	const child = spawn(program, words, {
		cwd: spec.folder,
		env: { ...plainEnvironment(), ...spec.env },
		detached: true,
		stdio: ["ignore", log, log],
	});
	closeSync(log);
	if (child.pid !== undefined && spec.niceness !== undefined) giveWay(child.pid, spec.niceness);
	let cause = "";
	child.once("error", (error) => {
		cause = `${error.message}: `;
	});
	child.unref();
	const waits = untilAnswers(spec, child).catch(() => {
		const said = readFileSync(logFile).subarray(logStart).toString().trim().slice(-LAST_WORDS);
		throw new Error(`${spec.name} did not start in ${spec.folder}: ${cause}${said}`);
	});
	return { server: running(spec, child, logFile), answers: waits };
}

async function untilAnswers(spec: LaunchSpec, child: ChildProcess): Promise<void> {
	const deadline = performance.now() + READY_TIMEOUT_MS;
	while (!hasEnded(child) && performance.now() < deadline) {
		const answers = await spec.answers().catch(() => false);
		// Another server on that port may have answered.
		if (answers && !hasEnded(child)) return;
		await pause(spec.pollMs ?? POLL_MS);
	}
	await end(child, spec.stopMs ?? STOP_TIMEOUT_MS);
	throw new Error("it does not answer");
}

/** Nothing of ours goes into a server but where programs and homes are: no secret, no setting. */
function plainEnvironment(): Record<string, string> {
	const { PATH, HOME } = process.env;
	return { PATH: PATH ?? "/usr/bin:/bin", HOME: HOME ?? "/" };
}

function running(spec: LaunchSpec, child: ChildProcess, logFile: string): LocalServer {
	return {
		name: spec.name,
		pid: child.pid as number,
		port: spec.port,
		logFile,
		isRunning: () => !hasEnded(child),
		onEnd: (told) => void child.once("exit", (code, signal) => told(signal ?? `code ${code}`)),
		stop: () => end(child, spec.stopMs ?? STOP_TIMEOUT_MS),
	};
}

function hasEnded(child: ChildProcess): boolean {
	return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess, stopMs: number): Promise<void> {
	for (const signal of ["SIGTERM", "SIGKILL"] as const) {
		if (hasEnded(child)) return;
		child.kill(signal);
		// One that was paused hears nothing else.
		child.kill("SIGCONT");
		const deadline = performance.now() + stopMs;
		while (!hasEnded(child) && performance.now() < deadline) await pause(POLL_MS);
	}
	if (!hasEnded(child)) throw new Error(`process ${child.pid} does not end`);
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
