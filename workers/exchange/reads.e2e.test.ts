/** Who has just been answered sees the effect, always: a thousand times, every read at once. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ApiClient } from "./testing/api-client.ts";
import { RunningExchange } from "./testing/running-exchange.ts";

const TIMES = Number(process.env["READ_TIMES"] ?? 1_000);
const exchange = new RunningExchange();
let maker: ApiClient;
let taker: ApiClient;

beforeAll(async () => {
	await exchange.start();
	maker = new ApiClient(exchange.url, await exchange.createUser({ BTC: "1000" }));
	taker = new ApiClient(exchange.url, await exchange.createUser({ USDT: "100000000" }));
});

afterAll(() => exchange.dispose());

const LIMIT = { symbol: "BTCUSDT", type: "LIMIT", timeInForce: "GTC", price: "50000" } as const;

test(`${TIMES} crossing orders, each seen whole by order, myTrades, openOrders and account`, async () => {
	let quote = 100_000_000n * 100_000_000n;
	for (let i = 0; i < TIMES; i += 1) {
		await maker.call("POST", "/api/v3/order", { ...LIMIT, side: "SELL", quantity: "0.001" });
		const { body: order } = await taker.call("POST", "/api/v3/order", {
			...LIMIT,
			side: "BUY",
			quantity: "0.001",
		});
		expect(order.status).toBe("FILLED");
		const orderId = order.orderId;
		const [seen, trades, open, account] = await Promise.all([
			taker.call("GET", "/api/v3/order", { symbol: "BTCUSDT", orderId }),
			taker.call("GET", "/api/v3/myTrades", { symbol: "BTCUSDT", orderId }),
			taker.call("GET", "/api/v3/openOrders", { symbol: "BTCUSDT" }),
			taker.call("GET", "/api/v3/account"),
		]);
		expect(seen.body).toMatchObject({ orderId, status: "FILLED", executedQty: "0.00100000" });
		expect(trades.body).toHaveLength(1);
		expect(trades.body[0]).toMatchObject({ orderId, qty: "0.00100000", commission: "0.00000100" });
		expect(open.body).toEqual([]);
		quote -= 50n * 100_000_000n;
		const usdt = account.body.balances.find((b: { asset: string }) => b.asset === "USDT");
		const free = `${quote / 100_000_000n}.${String(quote % 100_000_000n).padStart(8, "0")}`;
		expect(usdt).toMatchObject({ free, locked: "0.00000000" });
	}
	const all = await taker.call("GET", "/api/v3/allOrders", { symbol: "BTCUSDT", limit: 1_000 });
	expect(all.body).toHaveLength(Math.min(TIMES, 1_000));
	const trades = await taker.call("GET", "/api/v3/myTrades", { symbol: "BTCUSDT", limit: 1_000 });
	const ids = (trades.body as { id: number }[]).map((t) => t.id);
	expect(ids).toEqual(Array.from({ length: Math.min(TIMES, 1_000) }, (_, i) => ids[0]! + i));
});
