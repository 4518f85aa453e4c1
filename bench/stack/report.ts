import { refusedOrFailed } from "../api/refused-or-failed.ts";
import { type Columns, tableOf } from "../columns.ts";
import type { StageResult } from "./stage.ts";

/** What clients saw. */
export const LOAD_COLUMNS: Columns<StageResult> = [
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

/** Where the processor went: µs of each hop per order (in cores, all together), in Markdown. */
export function hopTable(results: readonly StageResult[]): string {
	const kinds = [...new Set(results.flatMap(({ cores }) => [...cores.keys()]))];
	const all = ({ cores }: StageResult) => [...cores.values()].reduce((sum, one) => sum + one, 0);
	const columns: Columns<StageResult> = [
		["load", loadName],
		...kinds.map((kind): Columns<StageResult>[number] => [
			kind,
			(result) => microseconds(result, result.cores.get(kind) ?? 0),
		]),
		["together", (result) => microseconds(result, all(result))],
		["cores", (result) => all(result).toFixed(2)],
	];
	return `Processor time per order, µs, by process:\n\n${tableOf(columns, results)}`;
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
