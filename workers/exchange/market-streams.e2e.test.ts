/** Every market stream while there is trading: the documented fields, all of them, and what they say. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { RunningExchange } from "./testing/running-exchange.ts";
import { StreamClient } from "./testing/stream-client.ts";
import { type Scene, TestMarkets } from "./testing/test-markets.ts";

const exchange = new RunningExchange();
const markets = new TestMarkets(exchange);
let scene: Scene;
let s: string;
let stream: StreamClient;

const KLINE = "t T s i f L o c h l v n x q V Q B";
const TICKER_24H = "e E s p P w x c Q b B a A o h l v q O C F L n";
const WINDOW = "e E s p P o h l c w v q O C F L n";
const MINI = "e E s c o h l v q";

/** Names of streams, without the symbol, and the keys of what they send. */
const STREAMS: readonly (readonly [string, string])[] = [
	["@trade", "e E s t p q T m M"],
	["@aggTrade", "e E s a p q f l T m M"],
	["@kline_1s", "e E s k"],
	["@kline_1m", "e E s k"],
	["@kline_1d@+08:00", "e E s k"],
	["@miniTicker", MINI],
	["@ticker", TICKER_24H],
	["@ticker_1h", WINDOW],
	["@ticker_4h", WINDOW],
	["@ticker_1d", WINDOW],
	["@bookTicker", "u s b B a A"],
	["@avgPrice", "e E s i w T"],
	["@depth", "e E s U u b a"],
	["@depth@100ms", "e E s U u b a"],
	["@depth5", "lastUpdateId bids asks"],
	["@depth10@100ms", "lastUpdateId bids asks"],
	["@depth20", "lastUpdateId bids asks"],
];
const EVENT: Readonly<Record<string, string>> = {
	"@trade": "trade",
	"@aggTrade": "aggTrade",
	"@kline_1m": "kline",
	"@miniTicker": "24hrMiniTicker",
	"@ticker": "24hrTicker",
	"@ticker_1h": "1hTicker",
	"@ticker_4h": "4hTicker",
	"@ticker_1d": "1dTicker",
	"@avgPrice": "avgPrice",
	"@depth": "depthUpdate",
};
const DECIMAL = /^-?\d+\.\d{8}$/;
/** Keys whose values are decimal texts; others are numbers, words or truth values. */
const TEXTS = new Set("p q o c h l v V Q w x b B a A".split(" "));

beforeAll(async () => {
	await exchange.start();
	scene = await markets.scene();
	s = scene.symbol.toLowerCase();
	stream = await StreamClient.open(exchange.url, "/stream");
	const names = STREAMS.map(([name]) => `${s}${name}`);
	const all = ["!miniTicker@arr", "!ticker_1h@arr"];
	stream.send({ method: "SUBSCRIBE", params: [...names, ...all], id: 7 });
	expect(await stream.until((f) => f.id === 7)).toEqual({ result: null, id: 7 });
	const { user, maker } = scene;
	await maker.limit("SELL", "1", "100");
	await maker.limit("SELL", "2", "101");
	await maker.limit("BUY", "5", "90");
	await user.limit("BUY", "2", "101");
});

afterAll(async () => {
	await stream?.close();
	await exchange.dispose();
});

// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
function last(name: string, meant: (data: any) => boolean = () => true) {
	const is = (f: { stream?: string; data: unknown }) => f.stream === `${s}${name}` && meant(f.data);
	return stream.until(is).then((frame) => frame.data);
}

test.each(STREAMS)("%s has every documented field", async (name, keys) => {
	const data = await last(name);
	expect(Object.keys(data)).toEqual(keys.split(" "));
	if (data.e !== undefined) {
		if (EVENT[name] !== undefined) expect(data.e).toBe(EVENT[name] as string);
		expect(data.s).toBe(scene.symbol);
		expect(Math.abs(Date.now() - data.E)).toBeLessThan(60_000);
	}
	for (const [key, value] of Object.entries(data)) {
		if (Array.isArray(value)) {
			for (const level of value) {
				expect(level).toEqual([expect.stringMatching(DECIMAL), expect.stringMatching(DECIMAL)]);
			}
		} else if (TEXTS.has(key) && typeof value === "string" && key !== "s") {
			expect([name, key, value]).toEqual([name, key, expect.stringMatching(DECIMAL)]);
		}
	}
	if (data.k !== undefined) expect(Object.keys(data.k)).toEqual(KLINE.split(" "));
});

test("what they say of two trades of one order", async () => {
	const first = await last("@trade", (d) => d.t === 1);
	const second = await last("@trade", (d) => d.t === 2);
	expect(first).toMatchObject({ p: "100.00000000", q: "1.00000000", m: false, M: true });
	expect(second).toMatchObject({ p: "101.00000000", q: "1.00000000", T: first.T });
	const agg = await last("@aggTrade", (d) => d.p === "101.00000000");
	expect(agg).toMatchObject({ q: "1.00000000", f: 2, l: 2, m: false });
	const mini = await last("@miniTicker", (d) => d.v === "2.00000000");
	expect(mini).toMatchObject({
		...{ o: "100.00000000", c: "101.00000000", h: "101.00000000", l: "100.00000000" },
		q: "201.00000000",
	});
	const ticker = await last("@ticker", (d) => d.n === 2 && d.a === "101.00000000");
	expect(ticker).toMatchObject({
		...{ p: "1.00000000", P: "1.000", w: "100.50000000", Q: "1.00000000", F: 1, L: 2 },
		...{ b: "90.00000000", B: "5.00000000", A: "1.00000000" },
	});
	const { k } = await last("@kline_1m", (d) => d.k.n === 2);
	expect(k).toMatchObject({
		...{ s: scene.symbol, i: "1m", f: 1, L: 2, o: "100.00000000", c: "101.00000000", n: 2 },
		...{ v: "2.00000000", q: "201.00000000", V: "2.00000000", Q: "201.00000000", B: "0" },
	});
	expect([k.t % 60_000, k.T - k.t]).toEqual([0, 59_999]);
	const avg = await last("@avgPrice", (d) => d.w === "100.50000000");
	expect(avg).toMatchObject({ i: "5m", T: expect.any(Number) });
	const best = await last("@bookTicker", (d) => d.A === "1.00000000" && d.a === "101.00000000");
	expect(best).toMatchObject({ b: "90.00000000", B: "5.00000000" });
	const book = { bids: [["90.00000000", "5.00000000"]], asks: [["101.00000000", "1.00000000"]] };
	expect(await last("@depth5", (d) => d.asks.length === 1 && d.bids.length === 1)).toMatchObject(
		book,
	);
	const rest = await scene.user.send("GET", "/api/v3/depth", `symbol=${scene.symbol}`);
	expect(rest.body).toMatchObject(book);
});

test("a bar of a second closes; the next one is empty and stands at its close", async () => {
	const traded = await last("@kline_1s", (d) => d.k.n === 2 && d.k.x);
	const next = await last("@kline_1s", (d) => d.k.t === traded.k.t + 1_000 && d.k.x);
	expect(next.k).toMatchObject({
		...{ n: 0, v: "0.00000000", o: "101.00000000", h: "101.00000000", f: -1, L: -1 },
	});
});

test.each(["!miniTicker@arr", "!ticker_1h@arr"])("%s lists what changed", async (name) => {
	const frame = await stream.until(
		(f) => f.stream === name && f.data.some((t: { s: string }) => t.s === scene.symbol),
	);
	const ticker = frame.data.find((t: { s: string }) => t.s === scene.symbol);
	const keys = name === "!miniTicker@arr" ? MINI : WINDOW;
	expect(Object.keys(ticker)).toEqual(keys.split(" "));
});

test("depth updates follow each other without a hole, from the REST snapshot on", async () => {
	const { maker, symbol } = scene;
	const from = stream.frames.length;
	for (let i = 1; i <= 20; i += 1) {
		const { orderId } = await maker.limit("BUY", "1", `${50 + i}`);
		if (i % 2 === 0) await maker.cancel(orderId);
	}
	const name = `${s}@depth@100ms`;
	const { body } = await maker.send("GET", "/api/v3/depth", `symbol=${symbol}`);
	await stream.until((f) => f.stream === name && f.data.u >= body.lastUpdateId, from);
	const updates = stream.frames.filter((f) => f.stream === name).map((f) => f.data);
	for (const [i, update] of updates.entries()) {
		if (i > 0) expect(update.U).toBe(updates[i - 1].u + 1);
	}
	const bids = new Map<string, string>();
	for (const update of updates) {
		for (const [price, qty] of update.b) {
			if (qty === "0.00000000") bids.delete(price);
			else bids.set(price, qty);
		}
	}
	expect([...bids].sort((a, b) => Number(b[0]) - Number(a[0]))).toEqual(body.bids);
});

test("control messages: list, unsubscribe, and what is wrong", async () => {
	const other = await StreamClient.open(exchange.url, `/ws/${s}@trade`);
	other.send({ method: "LIST_SUBSCRIPTIONS", id: "l" });
	expect(await other.until((f) => f.id === "l")).toEqual({ result: [`${s}@trade`], id: "l" });
	other.send({ method: "UNSUBSCRIBE", params: [`${s}@trade`], id: 1 });
	expect(await other.until((f) => f.id === 1)).toEqual({ result: null, id: 1 });
	other.send({ method: "LIST_SUBSCRIPTIONS", id: 2 });
	expect((await other.until((f) => f.id === 2)).result).toEqual([]);
	other.send({ method: "NOTHING", id: 3 });
	const refused = await other.until((f) => f.id === 3 || f.code !== undefined);
	expect((refused.error ?? refused).code).toBeNumber();
	await other.close();
});
