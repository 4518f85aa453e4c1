import type { StackRound } from "./stack-rounds.ts";

const COLUMNS: readonly (readonly [string, (round: StackRound) => string])[] = [
	["struck", (r) => r.says],
	["process", (r) => r.target],
	["taken over ms", (r) => r.takeOverMs?.toFixed(0) ?? ""],
	["longest silence ms", (r) => r.longestSilenceMs.toFixed(0)],
	["orders answered", (r) => String(r.answered)],
	["outcome unknown", (r) => String(r.unknown)],
	["trades so far", (r) => String(r.trades)],
	["log records so far", (r) => String(r.logRecords)],
	["faults", (r) => String(r.faults.length)],
];

/** Markdown: how soon accounts and matching were taken over, then a line for each round. */
export function stackTable(rounds: readonly StackRound[]): string {
	const names = ["#", ...COLUMNS.map(([name]) => name)];
	const lines = rounds.map((round, i) => [i + 1, ...COLUMNS.map(([, cell]) => cell(round))]);
	return `${takeOvers(rounds)}\n\n${table([names, names.map(() => "---"), ...lines])}`;
}

function takeOvers(rounds: readonly StackRound[]): string {
	const lines = ["accounts", "matching"].map((kind) => {
		const taken = rounds
			.filter(({ says, takeOverMs }) => says.includes(kind) && takeOverMs !== null)
			.map(({ takeOverMs }) => takeOverMs as number)
			.sort((a, b) => a - b);
		const at = (share: number) => taken[Math.ceil(taken.length * share) - 1]?.toFixed(0) ?? "";
		return [kind, taken.length, at(0.5), at(0.99), at(1)];
	});
	const names = ["taken over", "times", "p50 ms", "p99 ms", "longest ms"];
	return table([names, names.map(() => "---"), ...lines]);
}

function table(rows: readonly (readonly (string | number)[])[]): string {
	return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
