import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { JsonLogger } from "../../db/machine/json-logger.ts";
import { systemRandom } from "../../db/machine/system-random.ts";
import { systemClock, systemScheduler } from "../../db/machine/system-time.ts";
import { numberOf } from "../../db/machine/usage.ts";
import { NodeSignatures } from "../../edge/entry/node-signatures.ts";
import { DEFAULT_EDGE_SETTINGS } from "../../edge/settings.ts";
import { ExchangeCore } from "../../workers/exchange/core.ts";
import { openEmbeddedStores } from "../../workers/exchange/embedded-stores.ts";
import { ensureMarkets } from "../../workers/exchange/first-start.ts";
import { coresUsed, cpuSeconds } from "../api/process-cpu.ts";
import { Clients, fund } from "./clients.ts";
import { coreSettings } from "./core-settings.ts";

export const USAGE = `bun run bench core: orders straight into the account service, without HTTP, all behind it as delivered

  --seconds N   (10)    --warmup N   (5)    --users N   (1000)
  --clients N   (64)    orders under way at once
  --seed N      (1)`;

const OPTIONS = {
	seconds: { type: "string", default: "10" },
	warmup: { type: "string", default: "5" },
	users: { type: "string", default: "1000" },
	clients: { type: "string", default: "64" },
	seed: { type: "string", default: "1" },
} as const;

/** `bun run bench core` */
export async function main(args: string[]): Promise<void> {
	const { values } = parseArgs({ args, options: OPTIONS });
	const users = numberOf(values.users);
	const atOnce = numberOf(values.clients);
	const seed = numberOf(values.seed);
	const warmupMs = numberOf(values.warmup) * 1_000;
	const measuredMs = numberOf(values.seconds) * 1_000;
	// PostgreSQL runs as another user under root, and must be able to enter the folder.
	const dataDir = mkdtempSync(join(tmpdir(), "castle-core-"));
	const machine = {
		clock: systemClock,
		scheduler: systemScheduler,
		random: systemRandom,
		logger: new JsonLogger("off", () => {}),
	};
	const embedded = await openEmbeddedStores({
		...{ dataDir, partitions: 1, segmentBytes: 64 << 20, ...machine },
	});
	const unused = { passwords: never, secretBox: never, asset: async () => null };
	const core = new ExchangeCore(
		embedded.stores,
		{ ...machine, ...unused, signatures: new NodeSignatures() },
		coreSettings(DEFAULT_EDGE_SETTINGS),
		(error) => {
			throw error;
		},
	);
	await core.start();
	await ensureMarkets(core.venue, 1);
	await fund(core, users);
	const clients = new Clients(core, users, seed);
	clients.start(atOnce);
	await Bun.sleep(warmupMs);
	console.log(await measured(clients, measuredMs));
	await clients.stop();
	await core.stop();
	await embedded.close();
	rmSync(dataDir, { recursive: true, force: true });
	// The edge's timers are still there.
	process.exit(0);
}

/** What the clients get done in so long, and what each order costs, in words. */
async function measured(clients: Clients, forMs: number): Promise<string> {
	const ordersBefore = clients.answered;
	const cpuBefore = cpuSeconds(process.pid, 0);
	const startedAt = performance.now();
	await Bun.sleep(forMs);
	const seconds = (performance.now() - startedAt) / 1_000;
	const rate = (clients.answered - ordersBefore) / seconds;
	const { main, threads, postgres } = coresUsed(cpuBefore, cpuSeconds(process.pid, 0), seconds);
	const micros = (cores: number) => ((cores / rate) * 1e6).toFixed(1);
	return (
		`orders/s ${rate.toFixed(0)}; µs/order: main thread ${micros(main)}, other threads ` +
		`${micros(threads)}, PostgreSQL ${micros(postgres)}; refused ${clients.refused}`
	);
}

const never = new Proxy(
	{},
	{
		get() {
			throw new Error("nobody signs in here");
		},
	},
) as never;
