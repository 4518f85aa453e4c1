import type { CpuSeconds } from "../api/process-cpu.ts";
import type { Heard } from "./listener.ts";

/** One run, and what the machine was like meanwhile. */
export interface StreamsResult {
	readonly clients: number;
	readonly seconds: number;
	/** Orders per second. */
	readonly rate: number;
	readonly heard: Heard;
	readonly perSecond: number;
	/** In cores. */
	readonly cpu: CpuSeconds;
	readonly listenerCores: number;
	readonly fdatasync: { readonly p50Ms: number; readonly p99Ms: number };
	readonly loadAverage: number;
}

const COLUMNS: readonly (readonly [string, (result: StreamsResult) => string])[] = [
	["clients", (r) => String(r.clients)],
	["orders/s", (r) => String(r.rate)],
	["trades/s", (r) => (r.perSecond / r.clients).toFixed(0)],
	["messages delivered/s", (r) => r.perSecond.toFixed(0)],
	["gaps", ({ heard }) => String(heard.gaps)],
	["connections closed", (r) => String(r.heard.closed)],
	["event to client p50 ms", ({ heard }) => String(heard.p50Ms)],
	["p99 ms", ({ heard }) => String(heard.p99Ms)],
	["p99.9 ms", ({ heard }) => String(heard.p999Ms)],
	["MB/s", ({ heard, seconds }) => (heard.bytes / seconds / 1e6).toFixed(0)],
	["fdatasync p50 / p99 ms", ({ fdatasync: f }) => `${f.p50Ms.toFixed(2)} / ${f.p99Ms.toFixed(1)}`],
	["cores: main thread", (r) => r.cpu.main.toFixed(2)],
	["its other threads", (r) => r.cpu.threads.toFixed(2)],
	["clients' process", (r) => r.listenerCores.toFixed(2)],
	["whole machine", (r) => r.cpu.machine.toFixed(2)],
	["load average", (r) => r.loadAverage.toFixed(1)],
];

/** The first two lines of the table. */
export function headings(): string {
	const names = COLUMNS.map(([name]) => name);
	return `| ${names.join(" | ")} |\n|${names.map(() => "---").join("|")}|`;
}

/** One line of the table. */
export function row(result: StreamsResult): string {
	return `| ${COLUMNS.map(([, cell]) => cell(result)).join(" | ")} |`;
}
