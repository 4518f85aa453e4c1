import { refusedOrFailed } from "../api/refused-or-failed.ts";
import type { StageResult } from "./stage.ts";

const COLUMNS: readonly (readonly [string, (result: StageResult) => string])[] = [
	["load", loadName],
	["orders/s", (r) => (r.load.done / r.load.seconds).toFixed(0)],
	["late cancels/s", ({ load }) => (load.lateCancels / load.seconds).toFixed(0)],
	["p50 ms", ({ load }) => ms(load.p50Ns)],
	["p99 ms", ({ load }) => ms(load.p99Ns)],
	["p99.9 ms", ({ load }) => ms(load.p999Ns)],
	["not 200", ({ load }) => refusedOrFailed(load)],
	["depth messages/s", (r) => (r.heard === null ? "" : perSecond(r.heard.messages, r))],
	["gaps, closed", ({ heard }) => (heard === null ? "" : `${heard.gaps}, ${heard.closed}`)],
	["depth p99 ms", ({ heard }) => (heard === null ? "" : heard.p99Ms.toFixed(0))],
	["load average", (r) => r.loadAverage.toFixed(1)],
];

/** What clients saw, in Markdown. */
export function loadTable(results: readonly StageResult[]): string {
	return table(
		COLUMNS.map(([name]) => name),
		results.map((result) => COLUMNS.map(([, cell]) => cell(result))),
	);
}

/** Where the processor went: µs of each hop per order (in cores, all together), in Markdown. */
export function hopTable(results: readonly StageResult[]): string {
	const kinds = [...new Set(results.flatMap(({ cores }) => [...cores.keys()]))];
	const rows = results.map((result) => {
		const perOrder = kinds.map((kind) => microseconds(result, result.cores.get(kind) ?? 0));
		const all = [...result.cores.values()].reduce((sum, cores) => sum + cores, 0);
		return [loadName(result), ...perOrder, microseconds(result, all), all.toFixed(2)];
	});
	const heading = `Processor time per order, µs, by process:\n\n`;
	return heading + table(["load", ...kinds, "together", "cores"], rows);
}

/** For whoever watches. */
export function sentence(result: StageResult): string {
	return COLUMNS.map(([name, cell]) => `${name}: ${cell(result)}`).join("; ");
}

function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
	return line(names) + line(names.map(() => "---")) + rows.map(line).join("");
}

/** Late cancels are as much work as any other order. */
function microseconds({ load }: StageResult, cores: number): string {
	return ((cores * load.seconds * 1e6) / (load.done + load.lateCancels)).toFixed(0);
}

function perSecond(count: number, { load }: StageResult): string {
	return (count / load.seconds).toFixed(0);
}

function loadName({ stage }: StageResult): string {
	const how = stage.rate > 0 ? `${stage.rate}/s by the clock` : "as fast as answers come";
	const listeners = stage.listeners > 0 ? `, ${stage.listeners} listeners` : "";
	return `${stage.connections} connections, ${how}${listeners}`;
}

function ms(ns: number): string {
	return (ns / 1e6).toFixed(2);
}
