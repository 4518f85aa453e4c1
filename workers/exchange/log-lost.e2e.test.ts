/** The log is deleted: the exchange refuses to start, `castle recover` brings it back. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { deleteTopics } from "../../db/log/kafka/testing/delete-topics.ts";
import { venueNames } from "../../schemas/stores.ts";
import type { ApiReply } from "./testing/api-client.ts";
import { askOperator } from "./testing/ask-operator.ts";
import { IS_STACK, RunningExchange } from "./testing/running-exchange.ts";
import { Trader } from "./testing/trader.ts";

const CHECKOUT = resolve(import.meta.dir, "../..");
const FUNDS = { BTC: "10", USDT: "1000000" };
const exchange = new RunningExchange({ PARTITIONS: "2" });

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

/** The servers of a stack, as the recovery is told of them. */
const SERVERS: Record<string, string> = JSON.parse(process.env["CASTLE_SERVERS"] || "{}");
const environment = (): Record<string, string | undefined> => ({
	...exchange.environment(),
	...SERVERS,
	ACCOUNT_SHARDS: "2",
});

async function run(program: string, ...flags: string[]) {
	const child = Bun.spawn([process.execPath, join(CHECKOUT, program), ...flags], {
		env: environment(),
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

function recover(...flags: string[]) {
	return run("workers/recovery/main.ts", ...flags, ...(IS_STACK ? ["--servers"] : []));
}

/** A recovery that is killed as soon as it has a plan, wherever it is then. */
async function killedRecovery(): Promise<void> {
	const flags = ["--apply", ...(IS_STACK ? ["--servers"] : [])];
	const child = Bun.spawn(
		[process.execPath, join(CHECKOUT, "workers/recovery/main.ts"), ...flags],
		{
			env: environment(),
			stdout: "pipe",
			stderr: "ignore",
		},
	);
	let told = "";
	for await (const chunk of child.stdout) {
		told += new TextDecoder().decode(chunk);
		if (told.includes("the plan is made")) child.kill("SIGKILL");
	}
	await child.exited;
	expect(told).toContain("the plan is made");
}

/** The exchange dies, and its log is gone. */
async function loseLog(trader: Trader): Promise<void> {
	if (IS_STACK) {
		await exchange.stop();
		const { orders, trades } = venueNames(environment()["VENUE"] as string);
		const brokers = [SERVERS["KAFKA_BROKERS"] as string];
		await deleteTopics({ brokers, tls: false, sasl: null, clientId: "test" }, [orders, trades]);
		expect(await run("db/stores/main.ts")).toMatchObject({ code: 0 });
		return;
	}
	await quiet(trader);
	await exchange.kill(true);
	rmSync(join(exchange.dataDir, "log"), { recursive: true });
	await expect(exchange.start()).rejects.toThrow("docs/runbooks/log-lost.md");
}

/** Until everything that was answered is in the ledger and the order log. */
async function quiet(trader: Trader): Promise<void> {
	const values = async (metric: string) => {
		const { body } = await trader.send("GET", "/metrics", "");
		const found = [...String(body).matchAll(new RegExp(`^${metric}\\{.*\\} (\\d+)$`, "gm"))];
		return found.map(([, value]) => Number(value));
	};
	const isWritten = async () => {
		const lag = await values("castle_order_log_lag");
		return lag.length > 0 && lag.every((behind) => behind === 0);
	};
	while (!(await isWritten())) await Bun.sleep(50);
	// The second batch from here is begun after the first one's end: it has all of it.
	const batches = "castle_account_committed_batches_total";
	const [before = 0] = await values(batches);
	while (((await values(batches))[0] ?? 0) < before + 2) await Bun.sleep(50);
}

/** The day so far, as everybody sees it. Another day may have begun since, without a trade. */
async function marketView(trader: Trader) {
	const ask = async (path: string, query: string) => (await trader.send("GET", path, query)).body;
	const days: unknown[][] = await ask("/api/v3/klines", "symbol=BTCUSDT&interval=1d");
	const bars = days.filter((bar) => bar[8] !== 0);
	const { volume, quoteVolume, lastPrice, openPrice, highPrice, lowPrice, count } = await ask(
		...(["/api/v3/ticker/24hr", "symbol=BTCUSDT"] as const),
	);
	const { price } = await ask("/api/v3/avgPrice", "symbol=BTCUSDT");
	return { bars, volume, quoteVolume, lastPrice, openPrice, highPrice, lowPrice, count, price };
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
	const before = [await view(one), await view(other)];
	const market = await marketView(one);
	await loseLog(one);

	const preview = await recover("--orders");
	expect(preview).toMatchObject({ code: 0 });
	expect(preview.out).toContain("3 orders are known to be open and come back");
	expect(preview.out).toContain(`order ${bid.orderId} (`);
	expect(preview.out).toContain("nothing was changed");
	await killedRecovery();
	const applied = await recover("--apply");
	expect(applied).toMatchObject({ code: 0 });
	expect(applied.out).toMatch(/going on with the plan|all of it was done before/);
	expect(applied.out).toContain("done: start the exchange");
	expect((await recover("--apply")).out).toContain("all of it was done before");

	await exchange.start();
	[one, other] = [maker, taker].map((user) => new Trader(exchange.url, user, "BTC")) as [
		Trader,
		Trader,
	];
	expect([await view(one), await view(other)]).toEqual(before);
	expect(await marketView(one)).toEqual(market);
	expect(await askOperator(exchange.dataDir, "audit", {})).toMatchObject({ sound: true });
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
	await exchange.stop();
	await exchange.start();
	expect(await askOperator(exchange.dataDir, "audit", {})).toMatchObject({ sound: true });
});
