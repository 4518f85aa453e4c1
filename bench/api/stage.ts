import { loadavg } from "node:os";
import { RunningExchange } from "../../workers/exchange/testing/running-exchange.ts";
import { DepthSubscribers } from "./depth-subscribers.ts";
import { growth, percentile, readMetrics } from "./exchange-metrics.ts";
import { FsyncProbe } from "./fsync-probe.ts";
import { type Generator, type LoadResult, USUAL_MIX } from "./generator.ts";
import { populate } from "./population.ts";
import { type CpuSeconds, coresUsed, cpuSeconds } from "./process-cpu.ts";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "ETHBTC"];

/** One way to drive the exchange. */
export interface Stage {
	readonly connections: number;
	/** Orders per second; 0: closed loop. */
	readonly rate: number;
	readonly seconds: number;
	readonly warmupSeconds: number;
	readonly users: number;
	readonly subscribers: number;
	readonly seed: number;
}

/** Everything that was measured, and what the machine was like meanwhile. */
export interface StageResult {
	readonly stage: Stage;
	readonly load: LoadResult;
	readonly ordersPerSecond: number;
	/** Upper bound of the histogram's bucket. */
	readonly writeBehindLagP99Ms: number;
	readonly postgresRowsPerSecond: number;
	readonly depthMessagesPerSecond: number;
	/** In cores. */
	readonly cpu: CpuSeconds;
	readonly fdatasync: { readonly p50Ms: number; readonly p99Ms: number };
	readonly loadAverage: number;
}

/** A new exchange with its users, driven for the stage's time, and gone afterwards. */
export async function runStage(
	stage: Stage,
	generator: Generator,
	settings: Readonly<Record<string, string>>,
	say: (what: string) => void,
): Promise<StageResult> {
	const exchange = new RunningExchange(settings);
	try {
		await exchange.start();
		say(`${stage.users} users with keys and funds`);
		const usersFile = await populate(exchange.dataDir, stage.users);
		const subscribers = await DepthSubscribers.connect(exchange.url, stage.subscribers, SYMBOLS);
		const result = await drive(stage, exchange, usersFile, subscribers, generator, say);
		subscribers.close();
		return result;
	} finally {
		await exchange.dispose();
	}
}

async function drive(
	stage: Stage,
	exchange: RunningExchange,
	usersFile: string,
	subscribers: DepthSubscribers,
	generator: Generator,
	say: (what: string) => void,
): Promise<StageResult> {
	const probe = new FsyncProbe(exchange.dataDir);
	const look = () => ({
		cpu: cpuSeconds(exchange.pid, generator.pid),
		messages: subscribers.messages,
		metrics: readMetrics(exchange.url),
	});
	let before = look();
	let after = before;
	say(`${stage.warmupSeconds} s to warm up, then ${stage.seconds} s`);
	const load = await generator.run(
		{ ...stage, mix: USUAL_MIX, hostPort: new URL(exchange.url).host, usersFile },
		() => {
			probe.reset();
			before = look();
		},
		() => {
			after = look();
		},
	);
	const [metricsBefore, metricsAfter] = await Promise.all([before.metrics, after.metrics]);
	const lag = percentile("castle_account_commit_lag_seconds", 0.99, metricsBefore, metricsAfter);
	const rows = growth("castle_account_committed_rows_total", metricsBefore, metricsAfter);
	const fdatasync = probe.percentiles();
	probe.stop();
	return {
		...{ stage, load, fdatasync, loadAverage: loadavg()[0] ?? 0 },
		ordersPerSecond: load.done / load.seconds,
		writeBehindLagP99Ms: lag * 1_000,
		postgresRowsPerSecond: rows / load.seconds,
		depthMessagesPerSecond: (after.messages - before.messages) / load.seconds,
		cpu: coresUsed(before.cpu, after.cpu, load.seconds),
	};
}
