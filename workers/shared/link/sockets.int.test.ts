/** The link over real sockets: the gateway in a process of its own, under Bun and under Deno. */
import { afterAll, describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { turnScheduler } from "../../../db/testing/turn-scheduler.ts";
import { endsWithUs } from "../../../infra/local/ends-with-us.ts";
import type { AccountService } from "../../../schemas/ports/account-service.ts";
import { btc, btcUsdt, usdt } from "../../../schemas/testing/symbols.ts";
import { AccountsOnLink } from "./accounts-on-link.ts";
import { bunDial } from "./bun-dial.ts";
import { type Dial, LinkDialer } from "./dialer.ts";
import type { LinkService } from "./link-service.ts";
import { MarketDataOnLink } from "./market-data-on-link.ts";
import { countsOf } from "./testing/fake-shard.ts";
import { TEST_TOKEN } from "./testing/gateway-routes.ts";

const ROOT = resolve(import.meta.dir, "../../..");
const TESTING = "workers/shared/link/testing";
const RUNTIMES = {
	Bun: [process.execPath, `${TESTING}/gateway.bun.ts`],
	Deno: [
		// The program itself: the one in .bin leaves it behind when it is killed.
		`${ROOT}/node_modules/deno/deno`,
		...[
			"run",
			"--no-check",
			"--allow-net=127.0.0.1",
			"--allow-read=.",
			`${TESTING}/gateway.deno.ts`,
		],
	],
} as const;

const stops: (() => unknown)[] = [];
afterAll(async () => {
	for (const stop of stops.reverse()) await stop();
});

/** Starts a gateway; gives the port of its links, and what asks it. */
async function startGateway(command: readonly string[]) {
	const child = Bun.spawn([...endsWithUs("KILL"), ...command], {
		...{ cwd: ROOT, stdout: "pipe", stderr: "inherit" },
	});
	stops.push(async () => {
		child.kill();
		await child.exited;
	});
	const { value } = await child.stdout.getReader().read();
	const [port = 0, questions] = new TextDecoder().decode(value).split(" ").map(Number);
	const ask = async (path: string) => (await fetch(`http://127.0.0.1:${questions}${path}`)).json();
	return { port, ask };
}

function startWorker(
	port: number,
	service: LinkService,
	dial: Dial = bunDial(TEST_TOKEN),
): LinkDialer {
	const dialer = new LinkDialer({
		...{ service, scheduler: turnScheduler, dial },
		gateways: [{ host: "localhost", port }],
		clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
		logger: { info() {}, warn() {}, error() {} },
		onFatal(error) {
			throw error;
		},
	});
	dialer.start();
	stops.push(() => dialer.stop());
	return dialer;
}

/** Answers with what it was asked about. */
const accounts = new AccountsOnLink(() => [
	{
		shard: 1,
		epoch: 1,
		service: { orderCounts: async (userId: number) => countsOf(userId) } as AccountService,
		evSeqs: () => [0],
	},
]);

/** Of each answer; forty of them are more than a gateway takes in one frame. */
const MANY_WORDS = 2 << 20;
const wordy = new AccountsOnLink(() => [
	{
		shard: 1,
		epoch: 1,
		service: {
			orderCounts: () => Promise.reject(new Error("?".repeat(MANY_WORDS))),
		} as unknown as AccountService,
		evSeqs: () => [0],
	},
]);

const marketData = new MarketDataOnLink({
	partitions: [0],
	marketData: {} as never,
	evSeq: () => 0,
	whenAt: async () => {},
	venueOf: () => ({ evSeq: 1, state: () => ({ assets: [btc, usdt], symbols: [btcUsdt] }) }),
	onVenueChanged: () => () => {},
});

for (const [runtime, command] of Object.entries(RUNTIMES)) {
	describe(`a gateway under ${runtime}`, () => {
		test("takes links with the token and asks over them", async () => {
			const { port, ask } = await startGateway(command);
			expect(await ask("/ready")).toBe(false);
			expect(await ask("/counts/1")).toEqual(["NoAnswer: nobody serves shard 1"]);
			startWorker(port, marketData);
			const worker = startWorker(port, accounts);
			while (!(await ask("/ready"))) await Bun.sleep(5);
			const answers = await ask("/counts/2000");
			expect(answers).toEqual(Array.from({ length: 2_000 }, (_, i) => countsOf(i)));
			await worker.stop();
			expect(await ask("/ready")).toBe(false);
		});

		test("what is said at once may be more than one frame takes", async () => {
			const { port, ask } = await startGateway(command);
			startWorker(port, marketData);
			startWorker(port, wordy);
			while (!(await ask("/ready"))) await Bun.sleep(5);
			const lengths: number[] = await ask("/lengths/40");
			expect(lengths.every((length) => length > MANY_WORDS)).toBe(true);
		});

		test("takes none without it", async () => {
			const { port } = await startGateway(command);
			const headers = { upgrade: "websocket", connection: "upgrade" };
			const shown = await fetch(`http://127.0.0.1:${port}/link`, { headers });
			expect(shown.status).toBe(401);
			const wrong = bunDial(`${TEST_TOKEN}x`);
			let opened = 0;
			await new Promise<void>((closed) => {
				startWorker(port, accounts, {
					...wrong,
					dial: (gateway, handlers) =>
						wrong.dial(gateway, {
							...handlers,
							opened: () => opened++,
							closed: () => closed(),
						}),
				});
			});
			expect(opened).toBe(0);
		});
	});
}
