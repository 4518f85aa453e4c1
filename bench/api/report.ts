import type { Columns } from "../columns.ts";
import { refusedOrFailed } from "./refused-or-failed.ts";
import type { StageResult } from "./stage.ts";

/** What clients saw, and what it took. */
export const API_COLUMNS: Columns<StageResult> = [
	["load", ({ stage }) => loadName(stage.rate, stage.connections)],
	["orders/s", (r) => r.ordersPerSecond.toFixed(0)],
	["late cancels/s", ({ load }) => (load.lateCancels / load.seconds).toFixed(0)],
	["p50 ms", (r) => ms(r.load.p50Ns)],
	["p99 ms", (r) => ms(r.load.p99Ns)],
	["p99.9 ms", (r) => ms(r.load.p999Ns)],
	["not 200", ({ load }) => refusedOrFailed(load)],
	["write-behind lag p99 ≤ ms", (r) => r.writeBehindLagP99Ms.toFixed(0)],
	["PostgreSQL rows/s", (r) => r.postgresRowsPerSecond.toFixed(0)],
	["depth messages/s", (r) => r.depthMessagesPerSecond.toFixed(0)],
	["fdatasync p50 / p99 ms", ({ fdatasync: f }) => `${f.p50Ms.toFixed(2)} / ${f.p99Ms.toFixed(1)}`],
	["cores: main thread", (r) => r.cpu.main.toFixed(2)],
	["main thread µs/order", (r) => ((r.cpu.main / answeredPerSecond(r)) * 1e6).toFixed(1)],
	["its other threads", (r) => r.cpu.threads.toFixed(2)],
	["PostgreSQL", (r) => r.cpu.postgres.toFixed(2)],
	["generator", (r) => r.cpu.generator.toFixed(2)],
	["bench", (r) => r.cpu.bench.toFixed(2)],
	["whole machine", (r) => r.cpu.machine.toFixed(2)],
	["load average", (r) => r.loadAverage.toFixed(1)],
];

/** Late cancels are as much work as any other order. */
function answeredPerSecond({ load }: StageResult): number {
	return (load.done + load.lateCancels) / load.seconds;
}

function loadName(rate: number, connections: number): string {
	return rate > 0 ? `${rate}/s by the clock` : `${connections} connections, closed loop`;
}

function ms(ns: number): string {
	return (ns / 1e6).toFixed(2);
}
