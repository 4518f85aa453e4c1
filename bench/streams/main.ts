import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { numberOf } from "../../db/machine/usage.ts";
import { RunningExchange } from "../../workers/exchange/testing/running-exchange.ts";
import { FsyncProbe } from "../api/fsync-probe.ts";
import { Generator } from "../api/generator.ts";
import { populate } from "../api/population.ts";
import { coresUsed, cpuSeconds } from "../api/process-cpu.ts";
import { sentenceOf, tableOf } from "../columns.ts";
import { machineTable } from "../machine.ts";
import { Listener } from "./listener.ts";
import { STREAMS_COLUMNS, type StreamsResult, type StreamsRun } from "./report.ts";

const RESULTS = join(import.meta.dir, "../results");
const USERS = 100;
const WARMUP_SECONDS = 5;
/** Every other order trades with one that rests. */
const MIX = { symbols: 1, cancelPercent: 10, crossPercent: 45 };

const TRADES = "/ws/btcusdt@trade";
const DEPTH = "/ws/btcusdt@depth@100ms";
const EVERYTHING = `/stream?streams=${[
	"trade",
	"aggTrade",
	"bookTicker",
	"depth@100ms",
	"depth20@100ms",
]
	.map((name) => `btcusdt@${name}`)
	.join("/")}`;

export const USAGE = `bun run bench streams: WebSocket clients on one busy symbol

  Four runs: trades at 300 orders/s and at 30, depth at 300, and everything at as many orders as are
  answered, with clients beside that stop reading.

  --clients N   (5000)    --seconds N  how long each is measured (30)
  --orders N    one run on trades at so many orders per second
  --json        one line of JSON instead of a table
  --out FILE    where the table goes (bench/results/streams.md)`;

const OPTIONS = {
	clients: { type: "string", default: "5000" },
	seconds: { type: "string", default: "30" },
	orders: { type: "string" },
	json: { type: "boolean", default: false },
	out: { type: "string", default: join(RESULTS, "streams.md") },
} as const;

/** `bun run bench streams` */
export async function main(args: string[]): Promise<void> {
	const { values } = parseArgs({ args, options: OPTIONS });
	const clients = numberOf(values.clients);
	const many = { clients, slowClients: 0 };
	const all: StreamsRun[] = [
		{ ...many, path: TRADES, rate: 300 },
		{ ...many, path: TRADES, rate: 30 },
		{ ...many, path: DEPTH, rate: 300 },
		{ path: EVERYTHING, clients: clients / 50, slowClients: clients / 50, rate: 0 },
	];
	const { orders } = values;
	const runs = orders === undefined ? all : [{ ...many, path: TRADES, rate: numberOf(orders) }];
	const seconds = numberOf(values.seconds);
	const results: StreamsResult[] = [];
	for (const run of runs) {
		const result = await measured(run, seconds);
		console.error(sentenceOf(STREAMS_COLUMNS, result));
		results.push(result);
	}
	if (values.json) return console.log(JSON.stringify(results));
	const command = `bun run bench streams ${args.join(" ")}`.trim();
	const table = `${machineTable(command)}\n${tableOf(STREAMS_COLUMNS, results)}`;
	console.log(`\n${table}`);
	if (orders !== undefined) return;
	mkdirSync(RESULTS, { recursive: true });
	writeFileSync(values.out, `# Streams: one busy symbol to many clients\n\n${table}`);
}

async function measured(run: StreamsRun, seconds: number): Promise<StreamsResult> {
	const exchange = new RunningExchange();
	const generator = new Generator();
	const listener = new Listener();
	try {
		await exchange.start();
		const usersFile = await populate(exchange.dataDir, USERS);
		const hostPort = new URL(exchange.url).host;
		await listener.connect({ ...run, hostPort, seconds });
		const look = () => cpuSeconds(exchange.pid, generator.pid);
		const probe = new FsyncProbe(exchange.dataDir);
		let before = look();
		let heard: ReturnType<Listener["listen"]> | undefined;
		const load = { hostPort, usersFile, connections: 16, rate: run.rate, seed: 1, mix: MIX };
		// Longer than is listened, so that there is trading up to the end.
		const times = { warmupSeconds: WARMUP_SECONDS, seconds: seconds + 2 };
		const sent = generator.run(
			{ ...load, ...times },
			() => {
				before = look();
				probe.reset();
				heard = listener.listen();
			},
			() => undefined,
		);
		const { done } = await sent;
		// Now, and not when slow clients have read to their end.
		const after = look();
		const result = await heard;
		if (result === undefined) throw new Error("nobody listened");
		const fdatasync = probe.percentiles();
		probe.stop();
		return {
			...{ run, seconds, fdatasync, loadAverage: loadavg()[0] ?? 0, heard: result },
			ordersPerSecond: done / (seconds + 2),
			perSecond: result.messages / seconds,
			cpu: coresUsed(before, after, seconds + 2),
			listenerCores: listener.cores(seconds),
		};
	} finally {
		listener.dispose();
		generator.dispose();
		await exchange.dispose();
	}
}
