import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** A real server that runs on this machine, on the loopback address only. */
export interface LocalServer {
	readonly name: string;
	readonly pid: number;
	readonly port: number;
	/** What it wrote, over all starts in its folder. */
	readonly logFile: string;
	/** True until its process ended, however it did. */
	isRunning(): boolean;
	/** SIGTERM, and after 10 s SIGKILL; returns when the process is gone. */
	stop(): Promise<void>;
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
}

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 25;
const LAST_WORDS = 1_500;

/**
 * Starts a server and waits until it answers.
 *
 * It gets a session of its own, since the terminal's Ctrl-C is not for it: who uses it drains first.
 *
 * @throws Error with the end of its log; nothing of it runs then
 */
export async function launch(spec: LaunchSpec): Promise<LocalServer> {
	mkdirSync(spec.folder, { recursive: true });
	const logFile = join(spec.folder, `${spec.name}.log`);
	const log = openSync(logFile, "a", 0o600);
	const logStart = statSync(logFile).size;
	const [program, ...words] = spec.command;
	const child = spawn(program, words, {
		cwd: spec.folder,
		env: { ...plainEnvironment(), ...spec.env },
		detached: true,
		stdio: ["ignore", log, log],
	});
	closeSync(log);
	let cause = "";
	child.once("error", (error) => {
		cause = `${error.message}: `;
	});
	child.unref();
	const deadline = performance.now() + READY_TIMEOUT_MS;
	while (!hasEnded(child) && performance.now() < deadline) {
		const answers = await spec.answers().catch(() => false);
		// Another server on that port may have answered.
		if (answers && !hasEnded(child)) return running(spec, child, logFile);
		await pause(POLL_MS);
	}
	await end(child);
	const said = readFileSync(logFile).subarray(logStart).toString().trim().slice(-LAST_WORDS);
	throw new Error(`${spec.name} did not start in ${spec.folder}: ${cause}${said}`);
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
		stop: () => end(child),
	};
}

function hasEnded(child: ChildProcess): boolean {
	return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
	for (const signal of ["SIGTERM", "SIGKILL"] as const) {
		if (hasEnded(child)) return;
		child.kill(signal);
		const deadline = performance.now() + STOP_TIMEOUT_MS;
		while (!hasEnded(child) && performance.now() < deadline) await pause(POLL_MS);
	}
	if (!hasEnded(child)) throw new Error(`process ${child.pid} does not end`);
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
