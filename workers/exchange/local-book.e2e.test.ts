/** A book kept from the diff stream by Binance's own instructions equals the REST depth. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ApiClient } from "./testing/api-client.ts";
import { LocalBook } from "./testing/local-book.ts";
import { RunningExchange } from "./testing/running-exchange.ts";

const UPDATES = Number(process.env["BOOK_UPDATES"] ?? 10_000);
const exchange = new RunningExchange();
let traders: ApiClient[];

beforeAll(async () => {
	await exchange.start();
	const funds = { BTC: "100000", USDT: "10000000000" };
	traders = [];
	for (let i = 0; i < 4; i += 1) {
		traders.push(new ApiClient(exchange.url, await exchange.createUser(funds)));
	}
});

afterAll(() => exchange.dispose());

/** Orders that a client leaves open before it takes its oldest back. */
const KEPT = 60;

/** One client's endless small orders around a price, most of them far enough apart to rest. */
async function trade(api: ApiClient, seed: number, over: () => boolean): Promise<void> {
	const placed: number[] = [];
	for (let i = seed; !over(); i += 1) {
		const side = i % 2 === 0 ? "BUY" : "SELL";
		const away = ((i * 37) % 400) / 2 - 5;
		const price = (side === "BUY" ? 50_000 - away : 50_000 + away).toFixed(2);
		const { body } = await api.call("POST", "/api/v3/order", {
			...{ symbol: "BTCUSDT", side, type: "LIMIT", timeInForce: "GTC", price },
			...{ quantity: "0.001", newOrderRespType: "ACK" },
		});
		placed.push(body.orderId);
		if (placed.length <= KEPT) continue;
		// It may have traded meanwhile: then there is nothing to cancel.
		const orderId = placed.shift() ?? 0;
		await api.call("DELETE", "/api/v3/order", { symbol: "BTCUSDT", orderId });
	}
}

test(`after ${UPDATES} updates`, async () => {
	const book = new LocalBook(exchange.url, "BTCUSDT");
	await book.open();
	const over = () => book.updates >= UPDATES || book.fault !== null;
	await Promise.all(traders.map((api, seed) => trade(api, seed, over)));
	const depth = await book.depth();
	await book.caughtUp(depth.lastUpdateId);
	expect(book.fault).toBeNull();
	expect(book.updates).toBeGreaterThanOrEqual(UPDATES);
	expect(book.side("bids")).toEqual(depth.bids);
	expect(book.side("asks")).toEqual(depth.asks);
	expect(depth.bids.length + depth.asks.length).toBeGreaterThan(50);
	book.close();
});
