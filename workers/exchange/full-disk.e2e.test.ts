/** A disk that is as full as it may be: new orders are refused, cancels go on. A log that cannot be written is told. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { RunningExchange } from "./testing/running-exchange.ts";
import { Trader } from "./testing/trader.ts";

const exchange = new RunningExchange({ LOG_FILE_MIB: "1" });
let full = false;
const environment = exchange.environment.bind(exchange);
exchange.environment = () => ({ ...environment(), ...(full ? { DISK_FULL_PERCENT: "1" } : {}) });

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

test("a log that cannot be written takes it from the balancer, until it can again", async () => {
	const trader = new Trader(exchange.url, await exchange.createUser({ USDT: "100000" }), "BTC");
	const health = async () => {
		const response = await fetch(`${exchange.url}/health/ready`);
		return { status: response.status, body: await response.json() };
	};
	expect(await health()).toEqual({ status: 200, body: { status: "ready" } });
	// In the way of the log's next file.
	const next = join(exchange.dataDir, "log/00000002.log");
	mkdirSync(next);
	let goesOn = true;
	const client = async () => {
		const order = { side: "BUY", type: "LIMIT", timeInForce: "IOC", price: "40000" } as const;
		while (goesOn) await trader.order({ ...order, quantity: "0.01" });
	};
	const clients = Array.from({ length: 16 }, client);
	const until = async (status: number) => {
		let seen = await health();
		for (; seen.status !== status; seen = await health()) await Bun.sleep(5);
		return seen.body;
	};
	const away = await until(503);
	goesOn = false;
	expect(away).toEqual({ status: "not ready", log: "cannot be written" });
	expect((await fetch(`${exchange.url}/health/live`)).status).toBe(200);
	rmdirSync(next);
	await Promise.all(clients);
	expect(await until(200)).toEqual({ status: "ready" });
	expect(await trader.money()).toContain("USDT 100000/0");
}, 60_000);

test("orders 429 with -1008 and Retry-After, cancels as ever, and it is told", async () => {
	const user = await exchange.createUser({ USDT: "1000" });
	const before = new Trader(exchange.url, user, "BTC");
	const { orderId } = await before.limit("BUY", "0.01", "40000");
	await exchange.stop();
	full = true;
	await exchange.start();
	expect(exchange.printed()).toContain("% full: new orders are refused (DISK_FULL_PERCENT=1)");
	const trader = new Trader(exchange.url, user, "BTC");
	const again = { side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01" } as const;
	const refused = await trader.order({ ...again, price: "40000" });
	expect(refused).toMatchObject({ status: 429, body: { code: -1008 } });
	expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
	expect((await trader.send("GET", "/metrics", "")).body).toContain("castle_disk_full 1\n");
	expect(await trader.cancel(orderId)).toMatchObject({ status: "CANCELED" });
	expect(await trader.money()).toContain("USDT 1000/0");
});
