/** An unmodified ccxt against the running exchange: what a bot writer does on the first day. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { binance } from "ccxt";
import { askOperator } from "./testing/ask-operator.ts";
import { ccxtClient } from "./testing/ccxt-client.ts";
import { RunningExchange, type TestUser } from "./testing/running-exchange.ts";

const exchange = new RunningExchange();
let alice: binance;
let bob: binance;
let aliceUser: TestUser;

beforeAll(async () => {
	await exchange.start();
	aliceUser = await exchange.createUser({ BTC: "10", ETH: "100", USDT: "1000000" });
	const bobUser = await exchange.createUser({ BTC: "10", ETH: "100", USDT: "1000000" });
	alice = ccxtClient(exchange.url, aliceUser);
	bob = ccxtClient(exchange.url, bobUser);
	// What ccxt itself asks for where a WebSocket address is without TLS.
	await Promise.all([alice.loadHttpProxyAgent(), bob.loadHttpProxyAgent()]);
	await Promise.all([alice.loadMarkets(), bob.loadMarkets()]);
});

afterAll(async () => {
	await Promise.all([alice?.close(), bob?.close()]);
	await exchange.dispose();
});

function idOf(order: { readonly id?: string | undefined }): string {
	return order.id ?? "";
}

/** Free and used of an asset, as the text that ccxt was sent. */
async function funds(client: binance, asset: string): Promise<{ free: string; locked: string }> {
	const info = (await client.fetchBalance()) as unknown as {
		info: { balances: { asset: string; free: string; locked: string }[] };
	};
	const row = info.info.balances.find((balance) => balance.asset === asset);
	return { free: row?.free ?? "0.00000000", locked: row?.locked ?? "0.00000000" };
}

describe("markets", () => {
	test("loadMarkets knows the three markets and their steps", () => {
		expect(Object.keys(alice.markets ?? {}).sort()).toEqual(["BTC/USDT", "ETH/BTC", "ETH/USDT"]);
		expect(alice.market("BTC/USDT").precision).toMatchObject({ amount: 0.00001, price: 0.01 });
		expect(alice.market("BTC/USDT").active).toBe(true);
	});
});

describe("two accounts trade", () => {
	test("four balances move to the last digit, fees included", async () => {
		const resting = await alice.createOrder("BTC/USDT", "limit", "sell", 0.12345, 60_000.01);
		expect(resting.status).toBe("open");
		expect(await funds(alice, "BTC")).toEqual({ free: "9.87655000", locked: "0.12345000" });
		const taking = await bob.createOrder("BTC/USDT", "limit", "buy", 0.12345, 60_000.01);
		expect(taking.status).toBe("closed");
		expect(taking.filled).toBe(0.12345);
		// 0.12345 × 60000.01 = 7407.0012345; 0.1 % fee of what each side receives, rounded up.
		expect(await funds(alice, "BTC")).toEqual({ free: "9.87655000", locked: "0.00000000" });
		expect(await funds(alice, "USDT")).toEqual({ free: "1007399.59423326", locked: "0.00000000" });
		expect(await funds(bob, "BTC")).toEqual({ free: "10.12332655", locked: "0.00000000" });
		expect(await funds(bob, "USDT")).toEqual({ free: "992592.99876550", locked: "0.00000000" });
	});

	test("both see their trade, with its fee", async () => {
		const [sold] = await alice.fetchMyTrades("BTC/USDT");
		const [bought] = await bob.fetchMyTrades("BTC/USDT");
		expect(sold).toMatchObject({ side: "sell", takerOrMaker: "maker", amount: 0.12345 });
		expect(sold?.fee).toMatchObject({ currency: "USDT", cost: 7.40700124 });
		expect(bought).toMatchObject({ side: "buy", takerOrMaker: "taker", price: 60_000.01 });
		expect(bought?.fee).toMatchObject({ currency: "BTC", cost: 0.00012345 });
	});
});

describe("market data", () => {
	test("order book, ticker, tickers, trades, OHLCV", async () => {
		const order = await alice.createOrder("BTC/USDT", "limit", "buy", 0.01, 59_000);
		const book = await alice.fetchOrderBook("BTC/USDT");
		expect(book.bids[0]).toEqual([59_000, 0.01]);
		const ticker = await alice.fetchTicker("BTC/USDT");
		expect(ticker).toMatchObject({ last: 60_000.01, bid: 59_000, baseVolume: 0.12345 });
		const tickers = await alice.fetchTickers();
		expect(Object.keys(tickers).sort()).toEqual(["BTC/USDT", "ETH/BTC", "ETH/USDT"]);
		const trades = await alice.fetchTrades("BTC/USDT");
		expect(trades.at(-1)).toMatchObject({ price: 60_000.01, amount: 0.12345, side: "buy" });
		const bars = await alice.fetchOHLCV("BTC/USDT", "1h");
		// The hour may have ended since the trade: then an hour without one follows.
		const traded = bars.findLast((bar) => bar[5] !== 0);
		expect(traded?.slice(1)).toEqual([60_000.01, 60_000.01, 60_000.01, 60_000.01, 0.12345]);
		await alice.cancelOrder(idOf(order), "BTC/USDT");
	});

	test("balance and trading fees", async () => {
		const balance = await alice.fetchBalance();
		expect(balance["ETH"]).toMatchObject({ free: 100, used: 0, total: 100 });
		const fees = await alice.fetchTradingFees();
		expect(fees["BTC/USDT"]).toMatchObject({ maker: 0.001, taker: 0.001 });
	});
});

describe("orders of every kind", () => {
	test("limit, edited, fetched, canceled", async () => {
		const order = await alice.createOrder("ETH/USDT", "limit", "buy", 1, 3_000);
		const edited = await alice.editOrder(idOf(order), "ETH/USDT", "limit", "buy", 2, 3_001);
		expect(edited.id).not.toBe(order.id);
		expect(await alice.fetchOrder(idOf(edited), "ETH/USDT")).toMatchObject({
			status: "open",
			amount: 2,
			price: 3_001,
		});
		expect((await alice.fetchOrder(idOf(order), "ETH/USDT")).status).toBe("canceled");
		const canceled = await alice.cancelOrder(idOf(edited), "ETH/USDT");
		expect(canceled.status).toBe("canceled");
		const all = await alice.fetchOrders("ETH/USDT");
		expect(all.map((o) => o.status)).toEqual(["canceled", "canceled"]);
	});

	test("market by quantity and by cost", async () => {
		await alice.createOrder("ETH/USDT", "limit", "sell", 2, 3_500);
		const byQty = await bob.createOrder("ETH/USDT", "market", "buy", 0.5);
		expect(byQty).toMatchObject({ status: "closed", filled: 0.5, cost: 1_750 });
		const byCost = await bob.createMarketBuyOrderWithCost("ETH/USDT", 700);
		expect(byCost).toMatchObject({ status: "closed", filled: 0.2, cost: 700 });
		await alice.cancelAllOrders("ETH/USDT");
	});

	test("post-only rests, and is refused where it would take", async () => {
		const order = await alice.createOrder("ETH/USDT", "limit", "sell", 1, 3_600, {
			postOnly: true,
		});
		expect(order.status).toBe("open");
		await expect(
			bob.createOrder("ETH/USDT", "limit", "buy", 1, 3_600, { postOnly: true }),
		).rejects.toThrow("would immediately match and take");
		await alice.cancelAllOrders("ETH/USDT");
	});

	test("IOC and FOK", async () => {
		await alice.createOrder("ETH/USDT", "limit", "sell", 1, 3_600);
		const fok = await bob.createOrder("ETH/USDT", "limit", "buy", 2, 3_600, { timeInForce: "FOK" });
		expect(fok).toMatchObject({ status: "expired", filled: 0 });
		const ioc = await bob.createOrder("ETH/USDT", "limit", "buy", 2, 3_600, { timeInForce: "IOC" });
		expect(ioc).toMatchObject({ status: "expired", filled: 1, remaining: 1 });
	});

	test("stop-limit waits, triggers, fills", async () => {
		const stop = await bob.createOrder("ETH/USDT", "limit", "buy", 0.1, 3_720, {
			stopPrice: 3_700,
		});
		expect((await bob.fetchOpenOrders("ETH/USDT")).map((o) => o.id)).toEqual([stop.id]);
		await alice.createOrder("ETH/USDT", "limit", "sell", 0.3, 3_710);
		await bob.createOrder("ETH/USDT", "market", "buy", 0.1);
		expect(await bob.fetchOrder(idOf(stop), "ETH/USDT")).toMatchObject({
			status: "closed",
			average: 3_710,
		});
	});

	test("open orders and cancel all", async () => {
		await alice.cancelAllOrders("ETH/USDT");
		for (const price of [2_900, 2_901, 2_902]) {
			await alice.createOrder("ETH/USDT", "limit", "buy", 0.1, price);
		}
		expect((await alice.fetchOpenOrders("ETH/USDT")).length).toBe(3);
		await alice.cancelAllOrders("ETH/USDT");
		expect(await alice.fetchOpenOrders("ETH/USDT")).toEqual([]);
		expect((await funds(alice, "USDT")).locked).toBe("0.00000000");
	});

	test("an order that costs one smallest unit too much is refused and changes nothing", async () => {
		const before = await funds(bob, "ETH");
		const tooMuch = (Number(before.free) + 0.0001).toFixed(4);
		await expect(
			bob.createOrder("ETH/USDT", "limit", "sell", Number(tooMuch), 3_900),
		).rejects.toThrow("insufficient balance");
		expect(await funds(bob, "ETH")).toEqual(before);
	});
});

describe("pro", () => {
	test("order book, trades, ticker, OHLCV as they happen", async () => {
		const book = alice.watchOrderBook("ETH/BTC");
		const trades = alice.watchTrades("ETH/BTC");
		const ticker = alice.watchTicker("ETH/BTC");
		const bars = alice.watchOHLCV("ETH/BTC", "1m");
		// ccxt sends its subscriptions when the sockets are open: trade until each has answered.
		const answered = Promise.all([book, trades, ticker, bars]);
		let done = false;
		answered.finally(() => {
			done = true;
		});
		while (!done) {
			await alice.createOrder("ETH/BTC", "limit", "sell", 0.01, 0.054);
			await bob.createOrder("ETH/BTC", "limit", "buy", 0.01, 0.054);
			await Bun.sleep(200);
		}
		const [seenBook, seenTrades, seenTicker, seenBars] = await answered;
		expect(seenBook.symbol).toBe("ETH/BTC");
		expect(seenTrades.at(-1)).toMatchObject({ price: 0.054, amount: 0.01, side: "buy" });
		expect(seenTicker.last).toBe(0.054);
		expect(seenBars.at(-1)?.[4]).toBe(0.054);
	});

	test("orders, my trades and balance of one's own", async () => {
		const orders = bob.watchOrders("ETH/BTC");
		const mine = bob.watchMyTrades("ETH/BTC");
		const balance = bob.watchBalance();
		const answered = Promise.all([orders, mine, balance]);
		let done = false;
		answered.finally(() => {
			done = true;
		});
		while (!done) {
			await alice.createOrder("ETH/BTC", "limit", "sell", 0.01, 0.055);
			await bob.createOrder("ETH/BTC", "limit", "buy", 0.01, 0.055);
			await Bun.sleep(200);
		}
		const [seenOrders, seenTrades, seenBalance] = await answered;
		expect(seenOrders.at(-1)?.symbol).toBe("ETH/BTC");
		expect(seenTrades.at(-1)).toMatchObject({ price: 0.055, amount: 0.01, side: "buy" });
		expect(seenBalance["BTC"]?.free).toBeGreaterThan(0);
	});
});

describe("money that came and went", () => {
	const move = (words: string, asset: string, amount: string, id: string) =>
		exchange.operator<{ transactMs: number }>(
			...[words, "--user", String(aliceUser.userId), "--asset", asset],
			...["--amount", amount, "--id", id],
		);

	test("deposits, newest first, as soon as they are in the balance", async () => {
		const { transactMs } = await move("deposit", "BTC", "0.5", "wire-1");
		const deposits = await alice.fetchDeposits("BTC");
		expect(deposits.map(({ txid }) => txid)).toEqual(["first-BTC", "wire-1"]);
		expect(deposits[1]).toMatchObject({
			...{ id: "wire-1", type: "deposit", currency: "BTC", amount: 0.5, status: "ok" },
			...{ timestamp: transactMs, internal: false },
		});
		const [newest] = await alice.fetchDeposits(undefined, undefined, 1);
		expect(newest?.txid).toBe("wire-1");
		const since = await alice.fetchDeposits(undefined, transactMs);
		expect(since.map(({ txid }) => txid)).toEqual(["wire-1"]);
		const others = await bob.fetchDeposits("BTC");
		expect(others.map(({ txid }) => txid)).toEqual(["first-BTC"]);
	});

	test("withdrawals, without a fee", async () => {
		expect(await alice.fetchWithdrawals()).toEqual([]);
		const { transactMs } = await move("withdraw", "BTC", "0.25", "out-1");
		await move("withdraw", "USDT", "10.5", "out-2");
		const withdrawals = await alice.fetchWithdrawals();
		expect(withdrawals.map(({ txid }) => txid).sort()).toEqual(["out-1", "out-2"]);
		const [btc] = await alice.fetchWithdrawals("BTC");
		expect(btc).toMatchObject({
			...{ id: "out-1", type: "withdrawal", currency: "BTC", amount: 0.25, status: "ok" },
			...{ timestamp: transactMs - (transactMs % 1_000), fee: { currency: "BTC", cost: 0 } },
		});
		expect(await bob.fetchWithdrawals()).toEqual([]);
	});
});

test("status of the exchange, and of the account", async () => {
	expect((await alice.fetchStatus()).status).toBe("ok");
	const account = alice as unknown as { sapiGetAccountStatus(): Promise<unknown> };
	expect(await account.sapiGetAccountStatus()).toEqual({ data: "Normal" });
});

test("the audit finds nothing", async () => {
	const report = await askOperator(exchange.dataDir, "audit", {});
	expect(report["sound"]).toBe(true);
});
