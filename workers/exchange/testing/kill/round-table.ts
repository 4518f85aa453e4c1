/** One kill and what was found afterwards. */
export interface KillRound {
	readonly says: string;
	readonly moment: string;
	readonly readyMs: number;
	readonly answered: number;
	readonly unknown: number;
	/** Trades, user and market events heard, and log records there were by then. */
	readonly trades: number;
	readonly heard: number;
	readonly logRecords: number;
	readonly faults: readonly string[];
}

const COLUMNS: readonly (readonly [string, (round: KillRound) => string])[] = [
	["killed", (r) => r.says],
	["when", (r) => r.moment],
	["ready again ms", (r) => r.readyMs.toFixed(0)],
	["orders answered", (r) => String(r.answered)],
	["outcome unknown", (r) => String(r.unknown)],
	["trades so far", (r) => String(r.trades)],
	["stream events heard", (r) => String(r.heard)],
	["log records so far", (r) => String(r.logRecords)],
	["faults", (r) => String(r.faults.length)],
];

/** Markdown, a line for each round. */
export function roundTable(rounds: readonly KillRound[]): string {
	const names = ["#", ...COLUMNS.map(([name]) => name)];
	const lines = rounds.map((round, i) => [i + 1, ...COLUMNS.map(([, cell]) => cell(round))]);
	return [names, names.map(() => "---"), ...lines]
		.map((cells) => `| ${cells.join(" | ")} |`)
		.join("\n");
}
