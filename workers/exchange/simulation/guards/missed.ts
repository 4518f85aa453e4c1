import { join } from "node:path";

/** The first seed that noticed, and what it found wrong. */
export interface Missed {
	readonly seed: number;
	readonly fault: string;
}

/**
 * Runs seeds from `first` on without a guard, in a process of their own, until one finds something
 * wrong; null when none does.
 *
 * @throws Error when the guard is out of step with the code
 */
export async function missed(
	guard: string,
	seeds: number,
	operations: number,
	first = 1,
): Promise<Missed | null> {
	const main = join(import.meta.dir, "../main.ts");
	const preload = join(import.meta.dir, "without.ts");
	const child = Bun.spawn(
		[
			...[process.execPath, "--preload", preload, main, String(first), String(seeds)],
			...[String(operations), "--json", "--first"],
		],
		{ env: { ...process.env, SIM_WITHOUT: guard }, stdout: "pipe", stderr: "pipe" },
	);
	const [text, errors] = await Promise.all([
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
	]);
	await child.exited;
	for (const line of text.trim().split("\n")) {
		if (!line.startsWith("{")) continue;
		const { seed, faults } = JSON.parse(line);
		if (faults.length > 0) return { seed, fault: faults[0] };
	}
	const ran = text.trim().split("\n").length;
	if (ran < seeds) throw new Error(`${guard}: ${errors.slice(0, 500)} ${text.slice(-300)}`);
	return null;
}
