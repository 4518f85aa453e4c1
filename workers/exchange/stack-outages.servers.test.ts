/** What a running stack promises while a server is away, and where it listens. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { LOOPBACK_ADDRESSES } from "../../infra/local/testing/listening-sockets.ts";
import { ApiClient, type ApiReply } from "./testing/api-client.ts";
import { listeningAddresses } from "./testing/processes.ts";
import type { TestUser } from "./testing/running-exchange.ts";
import { StackUnderTest, shardOf } from "./testing/stack-kills/stack-under-test.ts";
import { StreamClient } from "./testing/stream-client.ts";

const POSTGRES_AWAY_MS = 30_000;
const ORDER_LOG_AGAIN_MS = 60_000;
const POLL_MS = 50;
const ORDER = {
	...{ symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC" },
	...{ quantity: "0.001", price: "10000" },
} as const;

const exchange = new StackUnderTest(() => {});

beforeAll(() => exchange.start());
afterAll(() => exchange.dispose());

/** Signed calls to one of the edges, past the balancer. */
function edge(name: string, user: TestUser): ApiClient {
	return new ApiClient(`http://127.0.0.1:${exchange.part(name).port}`, user);
}

const place = (client: ApiClient): Promise<ApiReply> => client.call("POST", "/api/v3/order", ORDER);

const succeeds = (call: Promise<unknown>): Promise<boolean> =>
	call.then(
		() => true,
		() => false,
	);

test("with PostgreSQL away for 30 s, trading, cancels and market data go on; then it catches up", async () => {
	const user = await exchange.createUser({ USDT: "100000" });
	const clients = [edge("edge-1", user), edge("edge-2", user)];
	const stream = await StreamClient.open(exchange.url, "/ws/btcusdt@depth@100ms");
	for (const client of clients) expect((await place(client)).status).toBe(200);
	await stream.until(({ e }) => e === "depthUpdate");
	const heardBefore = stream.frames.length;
	const postgres = exchange.part("postgres");
	await postgres.stop();
	const until = performance.now() + POSTGRES_AWAY_MS;
	const statuses: number[] = [];
	let slowestMs = 0;
	while (performance.now() < until) {
		for (const client of clients) {
			const startedAt = performance.now();
			const placed = await place(client);
			const { orderId, symbol } = placed.body;
			const canceled = await client.call("DELETE", "/api/v3/order", { symbol, orderId });
			statuses.push(placed.status, canceled.status);
			slowestMs = Math.max(slowestMs, performance.now() - startedAt);
		}
	}
	const heard = stream.frames.length - heardBefore;
	postgres.start();
	await exchange.untilUp();
	await stream.close();
	console.log(
		`${statuses.length} calls, the slowest pair ${slowestMs.toFixed(0)} ms; ${heard} depth updates`,
	);
	expect(statuses.filter((status) => status !== 200)).toEqual([]);
	expect(heard).toBeGreaterThan(50);
	// Sound: the ledger has what was answered, or says what it lacks.
	const audit = await exchange.operator.operator("audit", {});
	expect(audit["sound"]).toBe(true);
	expect((await clients[0]?.call("GET", "/api/v3/openOrders", {}))?.body.length).toBe(2);
});

test("an edge stays ready while a shard changes hands: users of the others trade on", async () => {
	const user = await exchange.createUser({ USDT: "1" });
	const clients = [edge("edge-1", user), edge("edge-2", user)];
	const lease = `accounts-${shardOf(user)}`;
	const isHeld = () => succeeds(exchange.holderOf(lease));
	(await exchange.holderOf(lease)).kill();
	const statuses: number[] = [];
	do {
		for (const { url } of clients) statuses.push((await fetch(`${url}/health/ready`)).status);
	} while (!(await isHeld()));
	expect(statuses.length).toBeGreaterThan(10);
	expect(statuses.filter((status) => status !== 200)).toEqual([]);
	await exchange.untilUp();
	// Who holds the shard has still to be known to all who ask it.
	const reads = () =>
		Promise.all(clients.map((client) => client.call("GET", "/api/v3/account", {})));
	while ((await reads()).some(({ status }) => status !== 200)) await Bun.sleep(POLL_MS);
	while (!(await succeeds(exchange.operator.operator("audit", {})))) await Bun.sleep(POLL_MS);
});

test("DynamoDB Local dies with all it had: the order log is written again, and answers", async () => {
	const user = await exchange.createUser({ USDT: "100000" });
	const client = edge("edge-1", user);
	const { orderId, symbol } = (await place(client)).body;
	expect((await client.call("DELETE", "/api/v3/order", { symbol, orderId })).status).toBe(200);
	const ended = exchange.part("dynamodb").until(() => exchange.part("dynamodb").pid === 0);
	exchange.part("dynamodb").kill();
	await ended;
	await exchange.part("dynamodb").untilUp();
	const until = performance.now() + ORDER_LOG_AGAIN_MS;
	let reply: ApiReply;
	do {
		reply = await client.call("GET", "/api/v3/allOrders", { symbol });
	} while (reply.status !== 200 && performance.now() < until);
	expect(reply.body).toMatchObject([{ orderId, status: "CANCELED" }]);
	await exchange.untilUp();
});

test("nothing listens on other than loopback", () => {
	const listening = exchange.pids().flatMap(treeOf).flatMap(listeningAddresses);
	expect(listening.length).toBeGreaterThan(20);
	expect(listening.filter((address) => !LOOPBACK_ADDRESSES.includes(address))).toEqual([]);
});

/** A process and all it has begun (Linux). */
function treeOf(pid: number): number[] {
	const children = readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.filter((name) => parentOf(name) === pid)
		.map(Number);
	return [pid, ...children.flatMap(treeOf)];
}

function parentOf(pid: string): number {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, "utf8");
		return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
	} catch {
		return 0;
	}
}
