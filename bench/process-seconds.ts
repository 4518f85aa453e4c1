import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks of /proc per second, on every Linux. */
const TICKS_PER_SECOND = 100;

/** Processor seconds that a process has used so far, all its threads; 0 when it has ended. */
export function processSeconds(pid: number): number {
	return ofStat(`/proc/${pid}/stat`);
}

/** The same of its main thread. */
export function mainThreadSeconds(pid: number): number {
	return ofStat(`/proc/${pid}/task/${pid}/stat`);
}

/** The same of the processes it has begun, and of theirs: a session of their own changes no parent. */
export function descendantsSeconds(pid: number): number {
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
		seconds += processSeconds(child);
		open.push(...(children.get(child) ?? []));
	}
	return seconds;
}

/** All of the machine, other people's work too. */
export function machineSeconds(): number {
	const line = readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "";
	const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = line
		.split(/ +/)
		.slice(1)
		.map(Number);
	return (user + nice + system + irq + soft) / TICKS_PER_SECOND;
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
