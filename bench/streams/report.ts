import type { CpuSeconds } from "../api/process-cpu.ts";
import type { Columns } from "../columns.ts";
import type { Heard } from "./listener.ts";

/** Who listens to what, and how much is traded. */
export interface StreamsRun {
	/** "/ws/btcusdt@trade" */
	readonly path: string;
	readonly clients: number;
	/** Further ones that stop reading. */
	readonly slowClients: number;
	/** Orders per second by the clock; 0: as many as are answered. */
	readonly rate: number;
}

/** One run, and what the machine was like meanwhile. */
export interface StreamsResult {
	readonly run: StreamsRun;
	readonly seconds: number;
	/** Orders answered per second. */
	readonly ordersPerSecond: number;
	readonly heard: Heard;
	readonly perSecond: number;
	/** In cores. */
	readonly cpu: CpuSeconds;
	readonly listenerCores: number;
	readonly fdatasync: { readonly p50Ms: number; readonly p99Ms: number };
	readonly loadAverage: number;
}

export const STREAMS_COLUMNS: Columns<StreamsResult> = [
	["streams", ({ run }) => run.path.match(/@[^/]+/g)?.join(" ") ?? ""],
	["clients", ({ run }) => String(run.clients)],
	["orders/s", (r) => r.ordersPerSecond.toFixed(0)],
	["messages/s to each", (r) => (r.perSecond / r.run.clients).toFixed(0)],
	["messages delivered/s", (r) => r.perSecond.toFixed(0)],
	["gaps", ({ heard }) => String(heard.gaps)],
	["connections closed", (r) => String(r.heard.closed)],
	["slow clients: closed, gaps up to then", (r) => slowOf(r)],
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

function slowOf({ run, heard }: StreamsResult): string {
	if (run.slowClients === 0) return "";
	return `${heard.slowClosed} of ${run.slowClients}, ${heard.slowGaps}`;
}
