import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { EXCHANGE_CORE, NODEJS_ORDER_BOOK } from "./peers.ts";
import type { RecordCosts } from "./round.ts";
import type { Score } from "./tournament.ts";
import type { Workload } from "./workload.ts";

const RESULTS = join(import.meta.dir, "../results");

/** This engine's figures as one line; sums as whole numbers, however large. */
export function printJson(scores: readonly Score[]): void {
	const own = scores[0] as Score;
	const fields = {
		commands: own.commands,
		seconds: own.seconds,
		cpuSeconds: own.cpuSeconds,
		fills: own.fills,
		volume: own.volume,
		notional: own.notional,
		hash: own.hash,
		restingOrders: own.restingOrders,
		restingQty: own.restingQty,
		p50Ns: own.p50Ns,
		p99Ns: own.p99Ns,
		p999Ns: own.p999Ns,
		bytesPerRestingOrder: Math.round(own.bytesPerRestingOrder * 10) / 10,
	};
	const parts = Object.entries(fields).map(([name, value]) => `"${name}":${value}`);
	console.log(`{${parts.join(",")}}`);
}

/** Prints all scores as a table, and gives its text. */
export function printTable(
	file: string,
	workload: Workload,
	scores: readonly Score[],
	costs: RecordCosts,
): string {
	const { records, symbols, seed, lowestPrice, highestPrice } = workload;
	const own = scores[0] as Score;
	const lines = [
		`\`${basename(file)}\`: ${records} commands, ${symbols} symbols, seed ${seed}, ` +
			`prices ${lowestPrice} to ${highestPrice}; ${own.fills} fills, ${own.restingOrders} orders rest.`,
		"",
		"| Engine | M commands/s | per CPU-second | p50 / p99 / p99.9 ns | Bytes per resting order | Castle is faster by | Checksum |",
		"|---|---|---|---|---|---|---|",
		...scores.map((score) => rowOf(score, own)),
		"",
		`On top, per command: running hash over the events ${costs.hashNs.toFixed(0)} ns, ` +
			`the record's text ${costs.encodeNs.toFixed(0)} ns.`,
	];
	const text = `${lines.join("\n")}\n`;
	console.log(text);
	return text;
}

/** Adds a table to the results of this machine, with all that is needed to get it again. */
export function writeReport(file: string, args: readonly string[], table: string): void {
	mkdirSync(RESULTS, { recursive: true });
	const path = join(RESULTS, "engine.md");
	const intro = existsSync(path) ? "" : "# Engine benchmark\n";
	const shown = args.map((arg) => (arg.endsWith(basename(file)) ? basename(file) : arg)).join(" ");
	appendFileSync(
		path,
		`${intro}\n## ${basename(file)}, ${new Date().toISOString().slice(0, 16)}Z, ${commit()}\n\n` +
			`${machine()}\n\n\`bun run bench engine ${shown}\`\n\n${table}`,
	);
	console.log(`added to ${path}`);
}

function rowOf(score: Score, own: Score): string {
	const { commands, seconds, cpuSeconds, p50Ns, p99Ns, p999Ns } = score;
	const wall = (commands / seconds / 1e6).toFixed(2);
	const cpu = (commands / cpuSeconds / 1e6).toFixed(2);
	const bytes = score.bytesPerRestingOrder.toFixed(1);
	const same = score.hash === own.hash && score.restingQty === own.restingQty;
	const skipped = (score.skipped ?? 0) > 0 ? `, ${score.skipped} records left out` : "";
	const hash = `${score.hash.toString(16).padStart(8, "0")}${same ? "" : " (differs"}`;
	return (
		`| ${score.name} | ${wall} | ${cpu} | ${p50Ns} / ${p99Ns} / ${p999Ns} | ${bytes} ` +
		`| ${score === own ? "" : `${score.ratio.toFixed(2)} ×`} | ${hash}${same ? "" : `${skipped})`} |`
	);
}

function machine(): string {
	const processors = cpus();
	const model = processors[0]?.model.trim() ?? "unknown processor";
	const java = versionOf(["java", "-version"]).match(/"([^"]+)"/)?.[1] ?? "none";
	return (
		`${processors.length} × ${model}; Bun ${Bun.version}, Node ${versionOf(["node", "-v"])}, Java ${java}, ` +
		`exchange-core ${EXCHANGE_CORE}, nodejs-order-book ${NODEJS_ORDER_BOOK}.`
	);
}

function commit(): string {
	const dirty = versionOf(["git", "status", "--porcelain", "--", "engine", "bench"]) !== "";
	return `commit ${versionOf(["git", "rev-parse", "--short", "HEAD"])}${dirty ? " with changes" : ""}`;
}

function versionOf(command: string[]): string {
	try {
		const { stdout, stderr } = Bun.spawnSync(command, { stdout: "pipe", stderr: "pipe" });
		return `${stdout}${stderr}`.trim();
	} catch {
		return "";
	}
}
