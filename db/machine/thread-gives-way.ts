import { getPriority, setPriority } from "node:os";

/** As `nice` counts: a third of the weight. */
const GIVES_WAY = 5;
const LEAST = 19;

/**
 * The calling thread lets others go first where processors are short, on systems that know priorities
 * of threads: elsewhere it would be the whole process'.
 */
export function threadGivesWay(): void {
	if (process.platform === "linux") setPriority(0, Math.min(getPriority(0) + GIVES_WAY, LEAST));
}
