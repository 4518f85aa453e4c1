/** The log's folder is deleted: the exchange refuses to start, `castle recover` brings it back. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ApiReply } from "./testing/api-client.ts";
import { RunningExchange } from "./testing/running-exchange.ts";
import { Trader } from "./testing/trader.ts";

const RECOVER = resolve(import.meta.dir, "../recovery/main.ts");
const FUNDS = { BTC: "10", USDT: "1000000" };
const exchange = new RunningExchange({ PARTITIONS: "2" });

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

async function recover(...flags: string[]) {
	const child = Bun.spawn([process.execPath, RECOVER, ...flags], {
		env: exchange.environment(),
		stdout: "pipe",
		stderr: "pipe",
	});
	const [out, err, code] = await Promise.all([
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
		child.exited,
	]);
	return { out, err, code };
}

/** Until everything that was answered is in the ledger and the order log. */
async function quiet(trader: Trader): Promise<void> {
	for (;;) {
		const { body } = await trader.send("GET", "/metrics", "");
		const lag = [...String(body).matchAll(/^castle_order_log_lag\{.*\} (\d+)$/gm)];
		if (lag.length > 0 && lag.every(([, behind]) => behind === "0")) break;
		await Bun.sleep(50);
	}
	await Bun.sleep(500);
}

async function view(trader: Trader) {
	const ask = async (path: string, more = {}): Promise<ApiReply["body"]> =>
		(await trader.call("GET", path, more)).body;
	return {
		balances: (await ask("/api/v3/account")).balances,
		open: await ask("/api/v3/openOrders", { symbol: "BTCUSDT" }),
		orders: await ask("/api/v3/allOrders", { symbol: "BTCUSDT" }),
		trades: await ask("/api/v3/myTrades", { symbol: "BTCUSDT" }),
	};
}

test("balances, open orders and histories come back, and trading goes on", async () => {
	const [maker, taker] = [await exchange.createUser(FUNDS), await exchange.createUser(FUNDS)];
	let [one, other] = [maker, taker].map((user) => new Trader(exchange.url, user, "BTC")) as [
		Trader,
		Trader,
	];
	await one.limit("SELL", "2", "50000", { newClientOrderId: "sells" });
	const bid = await one.limit("BUY", "1", "40000");
	await other.limit("BUY", "0.5", "50000");
	const stop = { side: "SELL", type: "STOP_LOSS_LIMIT", timeInForce: "GTC" } as const;
	const waiting = await other.placed({
		...stop,
		quantity: "0.1",
		price: "30000",
		stopPrice: "35000",
	});
	const gone = await other.limit("BUY", "0.3", "39000");
	await other.cancel(gone.orderId);
	await exchange.operator(
		...["deposit", "--user", `${maker.userId}`, "--asset", "ETH"],
		...["--amount", "7", "--id", "wire-1"],
	);
	await quiet(one);
	const before = [await view(one), await view(other)];
	await exchange.kill(true);
	rmSync(join(exchange.dataDir, "log"), { recursive: true });

	await expect(exchange.start()).rejects.toThrow("docs/runbooks/log-lost.md");

	const preview = await recover("--orders");
	expect(preview).toMatchObject({ code: 0, err: "" });
	expect(preview.out).toContain("3 orders are known to be open and come back");
	expect(preview.out).toContain(`order ${bid.orderId} (`);
	expect(preview.out).toContain("nothing was changed");
	const applied = await recover("--apply");
	expect(applied).toMatchObject({ code: 0, err: "" });
	expect(applied.out).toContain("done: start the exchange");
	expect((await recover("--apply")).out).toContain("all of it was done before");

	await exchange.start();
	[one, other] = [maker, taker].map((user) => new Trader(exchange.url, user, "BTC")) as [
		Trader,
		Trader,
	];
	expect([await view(one), await view(other)]).toEqual(before);
	expect(await exchange.operator("audit")).toMatchObject({ sound: true });
	// What has an id outside is done once, also over the loss.
	await exchange.operator(
		...["deposit", "--user", `${maker.userId}`, "--asset", "ETH"],
		...["--amount", "7", "--id", "wire-1"],
	);
	expect((await view(one)).balances).toEqual(before[0]?.balances);
	const again = {
		side: "SELL",
		type: "LIMIT",
		timeInForce: "GTC",
		quantity: "1",
		price: "60000",
	} as const;
	const doubled = await one.order({ ...again, newClientOrderId: "sells" });
	expect(doubled.body).toMatchObject({ code: -2010 });
	// The restored book trades, with numbers that were never used; the stop triggers.
	const depth = (await one.send("GET", "/api/v3/depth", "symbol=BTCUSDT")).body;
	expect(depth.bids[0]).toEqual(["40000.00000000", "1.00000000"]);
	expect(depth.asks[0]).toEqual(["50000.00000000", "1.50000000"]);
	const trade = await other.limit("BUY", "1.5", "50000");
	expect(trade.status).toBe("FILLED");
	expect(trade.orderId).toBeGreaterThan(1_000_000);
	const { body: trades } = await one.send("GET", "/api/v3/historicalTrades", "symbol=BTCUSDT");
	expect(trades.map((t: { qty: string }) => t.qty)).toEqual(["0.50000000", "1.50000000"]);
	await other.cancel(waiting.orderId);
	expect(await one.cancel(bid.orderId)).toMatchObject({ status: "CANCELED" });
	await exchange.kill(false);
	await exchange.start();
	expect(await exchange.operator("audit")).toMatchObject({ sound: true });
	expect(existsSync(join(exchange.dataDir, "log"))).toBe(true);
}, 120_000);
