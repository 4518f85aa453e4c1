/** A disk that is as full as it may be: new orders are refused, cancels go on. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { RunningExchange } from "./testing/running-exchange.ts";
import { Trader } from "./testing/trader.ts";

const exchange = new RunningExchange();
let full = false;
const environment = exchange.environment.bind(exchange);
exchange.environment = () => ({ ...environment(), ...(full ? { DISK_FULL_PERCENT: "1" } : {}) });

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

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
