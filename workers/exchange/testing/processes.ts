import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { endsWithUs } from "../../../infra/local/ends-with-us.ts";
import { listeningSockets } from "../../../infra/local/testing/listening-sockets.ts";

const checkout = resolve(import.meta.dir, "../../..");

export interface Ended {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

/** Runs one of the exchange's programs to its end, as a shell would. */
export async function runToEnd(
	program: "main.ts" | "operator/cli.ts",
	words: readonly string[],
	environment: Readonly<Record<string, string>>,
): Promise<Ended> {
	const child = Bun.spawn(
		[process.execPath, join(checkout, "workers/exchange", program), ...words],
		{ env: { ...process.env, ...environment }, stdout: "pipe", stderr: "pipe" },
	);
	const [out, err, code] = await Promise.all([
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
		child.exited,
	]);
	return { code, out, err };
}

/** Starts the exchange, and ends it by a signal, or several, as soon as it has said something. */
export async function runUntil(
	said: string,
	environment: Readonly<Record<string, string>>,
	signals: readonly NodeJS.Signals[] = ["SIGINT"],
): Promise<Ended> {
	const command = [process.execPath, join(checkout, "workers/exchange/main.ts")];
	const child = Bun.spawn([...endsWithUs("TERM"), ...command], {
		env: { ...process.env, ...environment },
		stdout: "pipe",
		stderr: "pipe",
	});
	const err = new Response(child.stderr).text();
	const decoder = new TextDecoder();
	let out = "";
	let isTold = false;
	for await (const chunk of child.stdout) {
		out += decoder.decode(chunk, { stream: true });
		if (isTold || !out.includes(said)) continue;
		isTold = true;
		for (const signal of signals) child.kill(signal);
	}
	return { code: await child.exited, out, err: await err };
}

/** Process of the PostgreSQL on a data folder; 0 when none runs: one that was stopped takes its file away. */
export function postgresPid(dataDir: string): number {
	const file = join(dataDir, "postgres/cluster/postmaster.pid");
	return existsSync(file) ? Number.parseInt(readFileSync(file, "utf8"), 10) : 0;
}

/** Processes that stand in a data folder, or where its PostgreSQL is, or name one of them in their command line (Linux). */
export function processesOn(dataDir: string): number[] {
	const folders = [dataDir, readOr(dataDir, () => realpathSync(join(dataDir, "postgres")))];
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
		.filter((pid) => {
			const cwd = readOr("", () => readlinkSync(`/proc/${pid}/cwd`));
			const words = readOr("", () => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
			return folders.some((folder) => cwd.startsWith(folder) || words.includes(folder));
		})
		.map(Number);
}

/** Local addresses, in the kernel's hexadecimal, on which a process takes TCP connections (Linux). */
export function listeningAddresses(pid: number): string[] {
	return readOr([], () => listeningSockets(pid).map(({ address }) => address));
}

/** A process may be gone, or somebody else's, when it is looked at. */
function readOr<T>(otherwise: T, read: () => T): T {
	try {
		return read();
	} catch {
		return otherwise;
	}
}
