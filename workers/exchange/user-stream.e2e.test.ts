/** The user data stream by listenKey: every kind of event, every documented key, in order. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RunningExchange } from "./testing/running-exchange.ts";
import { StreamClient } from "./testing/stream-client.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import { type Trader, taken } from "./testing/trader.ts";

const exchange = new RunningExchange();
const markets = new TestMarkets(exchange);

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

/** An event in short: an order's "x X z/q" by its id, a position's "asset free/locked …". */
// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
function short(event: any): string {
	if (event.e === "executionReport") {
		return `${event.i} ${event.x} ${event.X} ${Number(event.z)}/${Number(event.q)}`;
	}
	if (event.e !== "outboundAccountPosition") return event.e;
	const lines = event.B.map(
		(b: Record<string, string>) => `${b["a"]} ${Number(b["f"])}/${Number(b["l"])}`,
	);
	return lines.sort().join(", ");
}

async function listen(user: Trader): Promise<StreamClient> {
	const { listenKey } = taken(await user.send("POST", "/api/v3/userDataStream", ""));
	expect(listenKey).toMatch(/^[A-Za-z0-9]{64}$/);
	return await StreamClient.open(exchange.url, `/ws/${listenKey}`);
}

/** A scene with a stream of its user; `said` waits for so many events and tells them in short. */
async function listened() {
	const scene = await markets.scene();
	const stream = await listen(scene.user);
	const said = async (count: number) => {
		await stream.until(() => stream.frames.length >= count);
		return stream.frames.map(short);
	};
	return { ...scene, stream, said };
}

const REPORT_KEYS = "e E s c S o f q p P F g C x X r i l z L n N T t I w m M O Z Y Q V".split(" ");

describe("events of an order", () => {
	test("NEW, TRADE, CANCELED, each followed by the balances it left", async () => {
		const { user, taker, base, stream, said } = await listened();
		const { orderId: i } = await user.limit("BUY", "10", "100", { newClientOrderId: "mine" });
		await taker.limit("SELL", "4", "100");
		await user.cancel(i, { newClientOrderId: "the-cancel" });
		expect(await said(6)).toEqual([
			`${i} NEW NEW 0/10`,
			"USDT 9000/1000",
			`${i} TRADE PARTIALLY_FILLED 4/10`,
			`${base} 103.996/0, USDT 9000/600`,
			`${i} CANCELED CANCELED 4/10`,
			"USDT 9600/0",
		]);
		const [placed, , traded, , canceled, position] = stream.frames;
		for (const report of [placed, traded, canceled]) {
			const known = [...REPORT_KEYS, "W"].sort();
			expect(Object.keys(report).sort()).toEqual(known);
		}
		expect(placed).toMatchObject({
			...{ s: user.symbol, c: "mine", C: "", S: "BUY", o: "LIMIT", f: "GTC" },
			...{ q: "10.00000000", p: "100.00000000", P: "0.00000000", F: "0.00000000", g: -1 },
			...{ r: "NONE", l: "0.00000000", L: "0.00000000", n: "0", N: null, t: -1 },
			...{ w: true, m: false, Z: "0.00000000", Y: "0.00000000", Q: "0.00000000" },
			...{ V: "EXPIRE_MAKER", O: placed.T, W: placed.T, E: placed.T },
		});
		expect(traded).toMatchObject({
			...{ c: "mine", l: "4.00000000", L: "100.00000000", n: "0.00400000", N: base, t: 1 },
			...{ w: true, m: true, Z: "400.00000000", Y: "400.00000000", O: placed.T },
		});
		expect(canceled).toMatchObject({ c: "the-cancel", C: "mine", w: false, t: -1, N: null });
		expect(Object.keys(position).sort()).toEqual(["B", "E", "e", "u"]);
		expect(Object.keys(position.B[0]).sort()).toEqual(["a", "f", "l"]);
		const ids = stream.frames.filter((f) => f.I !== undefined).map((f) => f.I);
		expect(ids).toEqual([...ids].sort((a, b) => a - b));
		expect(new Set(ids).size).toBe(ids.length);
	});

	test("a taker: NEW with w=true, then a TRADE for each fill, then the balances", async () => {
		const { user, maker, base, stream, said } = await listened();
		await maker.limit("SELL", "1", "99");
		await maker.limit("SELL", "1", "100");
		const { orderId: i } = await user.limit("BUY", "2", "100");
		expect(await said(4)).toEqual([
			`${i} NEW NEW 0/2`,
			`${i} TRADE PARTIALLY_FILLED 1/2`,
			`${i} TRADE FILLED 2/2`,
			`${base} 101.998/0, USDT 9801/0`,
		]);
		expect(stream.frames[0].w).toBe(true);
		expect(stream.frames.slice(1, 3)).toMatchObject([
			{ L: "99.00000000", t: 1, m: false, n: "0.00100000", w: true },
			{ L: "100.00000000", t: 2, m: false, n: "0.00100000", w: false },
		]);
	});

	test("EXPIRED: what an IOC and a market order leave, with the reason", async () => {
		const { user, maker, stream, said } = await listened();
		await maker.limit("SELL", "1", "100");
		const { orderId: i } = await user.limit("BUY", "2", "100", { timeInForce: "IOC" });
		expect((await said(4)).slice(0, 3)).toEqual([
			`${i} NEW NEW 0/2`,
			`${i} TRADE PARTIALLY_FILLED 1/2`,
			`${i} EXPIRED EXPIRED 1/2`,
		]);
		expect(stream.frames[2].eR).toBe("UNFILLED_IOC_QUANTITY_EXPIRED");
		const at = stream.frames.length;
		await user.placed({ side: "SELL", type: "MARKET", quantity: "1" });
		const expired = await stream.until((f) => f.x === "EXPIRED", at);
		expect(expired).toMatchObject({ X: "EXPIRED", eR: "INSUFFICIENT_LIQUIDITY", o: "MARKET" });
	});

	test("REPLACED: an amend; then cancel-replace", async () => {
		const { user, symbol, said, stream } = await listened();
		const { orderId, clientOrderId } = await user.limit("BUY", "10", "100");
		const amend = { symbol, orderId, newQty: "4", newClientOrderId: "amended" };
		taken(await user.call("PUT", "/api/v3/order/amend/keepPriority", amend));
		const replaced = taken(
			await user.call("POST", "/api/v3/order/cancelReplace", {
				...{ symbol, cancelReplaceMode: "STOP_ON_FAILURE", cancelOrderId: orderId, side: "BUY" },
				...{ type: "LIMIT", timeInForce: "GTC", quantity: "3", price: "50" },
			}),
		);
		const i = replaced.newOrderResponse.orderId;
		expect(await said(7)).toEqual([
			`${orderId} NEW NEW 0/10`,
			"USDT 9000/1000",
			`${orderId} REPLACED NEW 0/4`,
			"USDT 9600/400",
			`${orderId} CANCELED CANCELED 0/4`,
			`${i} NEW NEW 0/3`,
			"USDT 9850/150",
		]);
		expect(stream.frames[2]).toMatchObject({ c: "amended", C: clientOrderId, w: true });
	});

	test("TRADE_PREVENTION: both orders say what they gave up", async () => {
		const { user, stream } = await listened();
		const mode = { selfTradePreventionMode: "DECREMENT" };
		const resting = await user.limit("SELL", "2", "100", mode);
		const taking = await user.limit("BUY", "3", "100", mode);
		const of = (i: number, x: string) => stream.until((f) => f.i === i && f.x === x);
		for (const [mine, other] of [
			[resting, taking],
			[taking, resting],
		] as const) {
			expect(await of(mine.orderId, "TRADE_PREVENTION")).toMatchObject({
				...{ v: 1, A: "2.00000000", B: "2.00000000", u: -1, U: other.orderId, Cs: user.symbol },
				...{ pl: "2.00000000", pL: "100.00000000", pY: "200.00000000", t: -1, l: "0.00000000" },
			});
		}
		expect(await of(resting.orderId, "EXPIRED")).toMatchObject({ X: "EXPIRED_IN_MATCH" });
	});

	test("stop orders: NEW with w=false, then working, then TRADE", async () => {
		const { user, maker, taker, stream } = await listened();
		await maker.limit("SELL", "1", "100");
		await taker.limit("BUY", "1", "100");
		const stop = { side: "BUY", type: "STOP_LOSS", quantity: "1", stopPrice: "110" } as const;
		const { orderId } = await user.placed(stop);
		const placed = await stream.until((f) => f.i === orderId && f.x === "NEW");
		expect(placed).toMatchObject({ w: false, P: "110.00000000" });
		expect(Object.keys(placed)).not.toContain("W");
		await maker.limit("SELL", "2", "110");
		await taker.limit("BUY", "1", "110");
		const traded = await stream.until((f) => f.i === orderId && f.x === "TRADE");
		expect(traded).toMatchObject({ X: "FILLED", L: "110.00000000", W: expect.any(Number) });
	});

	test("balanceUpdate on deposit and withdrawal", async () => {
		const { user, stream } = await listened();
		const funds = { user: String(user.userId), asset: "USDT", amount: "12.5" };
		await markets.operator("deposit", { ...funds, id: "d" });
		const update = await stream.until((f) => f.e === "balanceUpdate");
		expect(update).toEqual({
			...{ e: "balanceUpdate", E: update.E, a: "USDT", d: "12.50000000", T: update.T },
		});
		await markets.operator("withdraw", { ...funds, id: "w" });
		const out = await stream.until((f) => f.e === "balanceUpdate" && f.d !== "12.50000000");
		expect(out).toMatchObject({ a: "USDT", d: "-12.50000000" });
	});
});

describe("the key", () => {
	test("asked for again it is the same; ended, its stream ends and its name is unknown", async () => {
		const { user } = await markets.scene();
		const post = async () => taken(await user.send("POST", "/api/v3/userDataStream", ""));
		const { listenKey } = await post();
		expect(await post()).toEqual({ listenKey });
		const query = `listenKey=${listenKey}`;
		expect(taken(await user.send("PUT", "/api/v3/userDataStream", query))).toEqual({});
		const stream = await StreamClient.open(exchange.url, `/ws/${listenKey}`);
		expect(taken(await user.send("DELETE", "/api/v3/userDataStream", query))).toEqual({});
		const unknown = await user.send("PUT", "/api/v3/userDataStream", query);
		expect([unknown.status, unknown.body]).toEqual([
			400,
			{ code: -1125, msg: "This listenKey does not exist." },
		]);
		const expired = await stream.until((f) => f.e === "listenKeyExpired");
		expect(expired).toEqual({ e: "listenKeyExpired", E: expired.E, listenKey });
	});

	test("combined streams wrap events; a key of somebody else cannot be extended", async () => {
		const { user, maker } = await markets.scene();
		const { listenKey } = taken(await user.send("POST", "/api/v3/userDataStream", ""));
		const stream = await StreamClient.open(exchange.url, `/stream?streams=${listenKey}`);
		const { orderId } = await user.limit("BUY", "1", "100");
		const frame = await stream.until((f) => (f.data ?? f).i === orderId);
		expect(frame).toMatchObject({ stream: listenKey, data: { x: "NEW" } });
		const theirs = await maker.send("PUT", "/api/v3/userDataStream", `listenKey=${listenKey}`);
		expect(theirs.body.code).toBe(-1125);
		await stream.close();
	});
});

test("two users' streams tell each their own", async () => {
	const { user, maker, stream } = await listened();
	const others = await listen(maker);
	const sold = await maker.limit("SELL", "1", "100");
	const bought = await user.limit("BUY", "1", "100");
	await stream.until((f) => f.X === "FILLED");
	await others.until((f) => f.X === "FILLED");
	const ids = (client: StreamClient) => new Set(client.frames.map((f) => f.i).filter(Boolean));
	expect(ids(stream)).toEqual(new Set([bought.orderId]));
	expect(ids(others)).toEqual(new Set([sold.orderId]));
	await others.close();
	await stream.close();
});
