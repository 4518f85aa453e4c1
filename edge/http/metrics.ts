import { metricText } from "../../schemas/prometheus-text.ts";

/** Upper bounds of the latency histogram, ms. */
const BOUNDS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000] as const;

/** Figures of the edge as a whole, by name. */
const GAUGE_HELP = {
	castle_edge_limit_refusals_total: "Requests refused for a limit (429).",
	castle_edge_limit_bans_total: "Addresses banned for going on after that (418).",
	castle_edge_limit_addresses: "Addresses whose requests are counted.",
	castle_edge_ws_api_connections: "Connections of the WebSocket API.",
} as const;

export type EdgeGauges = Readonly<Record<keyof typeof GAUGE_HELP, number>>;

/** Counts of one operation: how often with which status, and how long it took. */
export class OperationMetrics {
	readonly name: string;
	private readonly statuses = new Map<number, number>();
	private readonly buckets: number[] = new Array<number>(BOUNDS_MS.length).fill(0);
	private count = 0;
	private sumMs = 0;

	constructor(name: string) {
		this.name = name;
	}

	observe(status: number, ms: number): void {
		this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
		this.count++;
		this.sumMs += ms;
		for (let i = 0; i < BOUNDS_MS.length; i++) {
			if (ms <= BOUNDS_MS[i]!) {
				this.buckets[i]!++;
				return;
			}
		}
	}

	requestLines(lines: string[]): void {
		for (const [status, count] of this.statuses) {
			lines.push(
				`castle_edge_requests_total{operation="${this.name}",status="${status}"} ${count}`,
			);
		}
	}

	latencyLines(lines: string[]): void {
		if (this.count === 0) return;
		let below = 0;
		for (let i = 0; i < BOUNDS_MS.length; i++) {
			below += this.buckets[i]!;
			const le = BOUNDS_MS[i]! / 1_000;
			lines.push(this.line("bucket", `,le="${le}"`, below));
		}
		lines.push(this.line("bucket", ',le="+Inf"', this.count));
		lines.push(this.line("sum", "", this.sumMs / 1_000));
		lines.push(this.line("count", "", this.count));
	}

	private line(part: string, label: string, value: number): string {
		return `castle_edge_request_seconds_${part}{operation="${this.name}"${label}} ${value}`;
	}
}

/** All operations of this edge, by name. */
export class EdgeMetrics {
	private readonly operations = new Map<string, OperationMetrics>();

	of(name: string): OperationMetrics {
		let metrics = this.operations.get(name);
		if (metrics === undefined) {
			metrics = new OperationMetrics(name);
			this.operations.set(name, metrics);
		}
		return metrics;
	}

	/** Prometheus text. */
	text(gauges: EdgeGauges): string {
		const lines: string[] = [
			"# HELP castle_edge_requests_total Requests, by call and HTTP status.",
			"# TYPE castle_edge_requests_total counter",
		];
		for (const metrics of this.operations.values()) metrics.requestLines(lines);
		lines.push(
			"# HELP castle_edge_request_seconds From a request's arrival to its answer.",
			"# TYPE castle_edge_request_seconds histogram",
		);
		for (const metrics of this.operations.values()) metrics.latencyLines(lines);
		const own = Object.entries(GAUGE_HELP).map(([name, help]) =>
			metricText(name, help, [["", gauges[name as keyof EdgeGauges]]]),
		);
		return `${lines.join("\n")}\n${own.join("")}`;
	}
}
