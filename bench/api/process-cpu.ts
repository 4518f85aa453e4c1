import {
	descendantsSeconds,
	machineSeconds,
	mainThreadSeconds,
	processSeconds,
} from "../process-seconds.ts";

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
	const whole = processSeconds(exchangePid);
	const main = mainThreadSeconds(exchangePid);
	return {
		main,
		threads: whole - main,
		postgres: descendantsSeconds(exchangePid),
		generator: processSeconds(generatorPid),
		bench: processSeconds(process.pid),
		machine: machineSeconds(),
	};
}

/** From `before` to `after`, in cores: 1 is one core busy all the time. */
export function coresUsed(before: CpuSeconds, after: CpuSeconds, seconds: number): CpuSeconds {
	const names = Object.keys(before) as (keyof CpuSeconds)[];
	const entries = names.map((name) => [name, (after[name] - before[name]) / seconds]);
	return Object.fromEntries(entries) as CpuSeconds;
}
