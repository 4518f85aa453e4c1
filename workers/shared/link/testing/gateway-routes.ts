import { Gateway } from "../../../../edge/link/gateway.ts";

/** The token of these tests. */
export const TEST_TOKEN = "a-token-that-only-the-test-knows";

/** Where workers dial in. */
export const LISTEN = { hostname: "127.0.0.1", port: 0, token: TEST_TOKEN } as const;

/** A gateway for one shard and one partition, on the timers that every runtime has. */
export function testGateway(): Gateway {
	return new Gateway({
		...{ accountShards: 1, partitions: 1 },
		clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
		scheduler: {
			after(delayMs, run) {
				const timer = setTimeout(run, delayMs);
				return () => clearTimeout(timer);
			},
			every(periodMs, run) {
				const timer = setInterval(run, periodMs);
				return () => clearInterval(timer);
			},
			soon: (run) => void setTimeout(run, 0),
		},
		logger: { info() {}, warn() {}, error() {} },
	});
}

/**
 * What a test asks of the gateway's process: /ready, and /counts/N for N questions at once; /lengths/N for how long
 * each of their answers is, as text.
 */
export async function answer(gateway: Gateway, path: string): Promise<Response> {
	if (path === "/ready") return Response.json(gateway.ready());
	const [, what, count] = path.split("/");
	const questions = Array.from({ length: Number(count) }, (_, i) =>
		gateway.accounts(i).orderCounts(i),
	);
	const answers = (await Promise.allSettled(questions)).map((told) =>
		told.status === "fulfilled" ? told.value : String(told.reason),
	);
	return Response.json(
		what === "counts" ? answers : answers.map((told) => JSON.stringify(told).length),
	);
}
