import type { Contender, LatencyAnswer, MemoryAnswer, ThroughputAnswer } from "./contender.ts";

/** What one contender did: its median round, its median latencies, its memory. */
export interface Score extends ThroughputAnswer, LatencyAnswer, MemoryAnswer {
	readonly name: string;
	/** Commands per CPU-second of this project's engine over its own, each round by itself: median. */
	readonly ratio: number;
	/** Of all rounds, in the order played. */
	readonly perCpuSecond: readonly number[];
}

const LATENCY_ROUNDS = 3;

/**
 * Lets the contenders play the workload in turn, round after round, so that what else the machine does
 * meets all of them; the first one is what the others are held against. Stops them at the end.
 *
 * @throws Error when one process fails
 */
export async function tournament(
	contenders: readonly Contender[],
	rounds: number,
	warmUpSeconds: number,
): Promise<Score[]> {
	try {
		const memory = await inTurn(contenders, (one) => one.ask<MemoryAnswer>("memory"));
		for (const one of contenders) await warmUp(one, warmUpSeconds);
		const played: ThroughputAnswer[][] = contenders.map(() => []);
		for (let round = 0; round < rounds; round += 1) {
			const answers = await inTurn(contenders, (one) => one.ask<ThroughputAnswer>("throughput"));
			for (const [i, answer] of answers.entries()) played[i]?.push(answer);
		}
		const times: LatencyAnswer[][] = contenders.map(() => []);
		for (let round = 0; round < LATENCY_ROUNDS; round += 1) {
			const answers = await inTurn(contenders, (one) => one.ask<LatencyAnswer>("latency"));
			for (const [i, answer] of answers.entries()) times[i]?.push(answer);
		}
		const own = played[0] as ThroughputAnswer[];
		return contenders.map(({ name }, i) => {
			const answers = played[i] as ThroughputAnswer[];
			return {
				name,
				...median(answers, (answer) => answer.cpuSeconds),
				...latencies(times[i] as LatencyAnswer[]),
				...(memory[i] as MemoryAnswer),
				ratio: medianOf(answers.map((a, n) => speedOf(own[n] as ThroughputAnswer) / speedOf(a))),
				perCpuSecond: answers.map(speedOf),
			};
		});
	} finally {
		await Promise.all(contenders.map((one) => one.stop()));
	}
}

/** Commands per CPU-second. */
function speedOf(answer: ThroughputAnswer): number {
	return answer.commands / answer.cpuSeconds;
}

async function inTurn<T>(
	contenders: readonly Contender[],
	play: (one: Contender) => Promise<T>,
): Promise<T[]> {
	const answers: T[] = [];
	for (const one of contenders) answers.push(await play(one));
	return answers;
}

async function warmUp(one: Contender, seconds: number): Promise<void> {
	for (let left = seconds; left > 0; ) {
		left -= Math.max(0.01, (await one.ask<ThroughputAnswer>("throughput")).seconds);
	}
}

function latencies(answers: readonly LatencyAnswer[]): LatencyAnswer {
	const of = (key: keyof LatencyAnswer) => medianOf(answers.map((answer) => answer[key]));
	return { p50Ns: of("p50Ns"), p99Ns: of("p99Ns"), p999Ns: of("p999Ns") };
}

function median<T>(items: readonly T[], by: (item: T) => number): T {
	return items.toSorted((a, b) => by(a) - by(b))[items.length >>> 1] as T;
}

function medianOf(numbers: readonly number[]): number {
	return median(numbers, (n) => n);
}
