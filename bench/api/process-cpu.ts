import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks of /proc per second, on every Linux. */
const TICKS_PER_SECOND = 100;

/** CPU seconds used so far, by what uses them. */
export interface CpuSeconds {
	/** The exchange's main thread: what bounds its orders per second. */
	readonly main: number;
	/** Its other threads: order log, history, garbage collection, JIT. */
	readonly threads: number;
	/** PostgreSQL: the children of the exchange. */
	readonly postgres: number;
	readonly generator: number;
	/** This benchmark's own process, with its subscribers. */
	readonly bench: number;
	/** All of the machine, other people's work too. */
	readonly machine: number;
}

/** Reads what everything that takes part has used. */
export function cpuSeconds(exchangePid: number, generatorPid: number): CpuSeconds {
	const whole = ofProcess(exchangePid);
	const main = ofStat(`/proc/${exchangePid}/task/${exchangePid}/stat`);
	return {
		main,
		threads: whole - main,
		postgres: ofDescendants(exchangePid),
		generator: ofProcess(generatorPid),
		bench: ofProcess(process.pid),
		machine: ofMachine(),
	};
}

/** From `before` to `after`, in cores: 1 is one core busy all the time. */
export function coresUsed(before: CpuSeconds, after: CpuSeconds, seconds: number): CpuSeconds {
	const names = Object.keys(before) as (keyof CpuSeconds)[];
	const entries = names.map((name) => [name, (after[name] - before[name]) / seconds]);
	return Object.fromEntries(entries) as CpuSeconds;
}

function ofProcess(pid: number): number {
	return ofStat(`/proc/${pid}/stat`);
}

function ofStat(file: string): number {
	const fields = fieldsOf(file);
	return fields === null ? 0 : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The fields from the state on: the name before them may hold spaces. Null when it has ended. */
function fieldsOf(file: string): string[] | null {
	try {
		const text = readFileSync(file, "utf8");
		return text.slice(text.lastIndexOf(")") + 2).split(" ");
	} catch {
		return null;
	}
}

/** PostgreSQL puts itself into a session of its own, but its parent stays the exchange. */
function ofDescendants(pid: number): number {
	const children = new Map<number, number[]>();
	for (const name of readdirSync("/proc")) {
		const fields = /^\d+$/.test(name) ? fieldsOf(`/proc/${name}/stat`) : null;
		if (fields === null) continue;
		const parent = Number(fields[1]);
		children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
	}
	let seconds = 0;
	const open = [...(children.get(pid) ?? [])];
	for (let child = open.pop(); child !== undefined; child = open.pop()) {
		seconds += ofProcess(child);
		open.push(...(children.get(child) ?? []));
	}
	return seconds;
}

function ofMachine(): number {
	const line = readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "";
	const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = line
		.split(/ +/)
		.slice(1)
		.map(Number);
	return (user + nice + system + irq + soft) / TICKS_PER_SECOND;
}
