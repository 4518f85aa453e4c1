import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { RunningExchange } from "../../workers/exchange/testing/running-exchange.ts";
import { FsyncProbe } from "../api/fsync-probe.ts";
import { Generator } from "../api/generator.ts";
import { populate } from "../api/population.ts";
import { coresUsed, cpuSeconds } from "../api/process-cpu.ts";
import { machineTable } from "../machine.ts";
import { Listener } from "./listener.ts";
import { headings, row, type StreamsResult } from "./report.ts";

const RESULTS = join(import.meta.dir, "../results");
const USERS = 100;
const WARMUP_SECONDS = 5;
/** Every other order trades with one that rests. */
const MIX = { symbols: 1, cancelPercent: 10, crossPercent: 45 };

const USAGE = `bun run bench streams: WebSocket clients on the trades of one busy symbol

  --clients N   (5000)    --seconds N  how long each is measured (30)
  --orders N    orders per second, most of which trade; without it two runs, at 300 and at 30
  --json        one line of JSON instead of a table
  --out FILE    where the table goes (bench/results/streams.md)`;

const OPTIONS = {
	clients: { type: "string", default: "5000" },
	seconds: { type: "string", default: "30" },
	orders: { type: "string" },
	json: { type: "boolean", default: false },
	out: { type: "string", default: join(RESULTS, "streams.md") },
	help: { type: "boolean", default: false },
} as const;

/** `bun run bench streams` */
export async function main(args: string[]): Promise<void> {
	const { values } = parseArgs({ args, options: OPTIONS });
	if (values.help) return console.log(USAGE);
	const rates = values.orders === undefined ? [300, 30] : [Number(values.orders)];
	const results: StreamsResult[] = [];
	for (const rate of rates) {
		results.push(await runAt(rate, Number(values.clients), Number(values.seconds)));
		console.error(row(results.at(-1) as StreamsResult));
	}
	if (values.json) return console.log(JSON.stringify(results));
	const command = `bun run bench streams ${args.join(" ")}`.trim();
	const table = [machineTable(command), headings(), ...results.map(row)].join("\n");
	console.log(`\n${table}`);
	if (values.orders !== undefined) return;
	mkdirSync(RESULTS, { recursive: true });
	writeFileSync(values.out, `# Streams: trades of one symbol to many clients\n\n${table}\n`);
}

async function runAt(rate: number, clients: number, seconds: number): Promise<StreamsResult> {
	const exchange = new RunningExchange();
	const generator = new Generator();
	const listener = new Listener();
	try {
		await exchange.start();
		const usersFile = await populate(exchange.dataDir, USERS);
		const hostPort = new URL(exchange.url).host;
		await listener.connect({ hostPort, path: "/ws/btcusdt@trade", clients, seconds });
		const look = () => cpuSeconds(exchange.pid, generator.pid);
		const probe = new FsyncProbe(exchange.dataDir);
		let before = look();
		let heard: ReturnType<Listener["listen"]> | undefined;
		const load = { hostPort, usersFile, connections: 16, rate, seed: 1, mix: MIX };
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
		await sent;
		const result = await heard;
		if (result === undefined) throw new Error("nobody listened");
		const after = look();
		const fdatasync = probe.percentiles();
		probe.stop();
		return {
			...{ clients, seconds, rate, fdatasync, loadAverage: loadavg()[0] ?? 0, heard: result },
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
