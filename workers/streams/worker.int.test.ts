import { afterEach, describe, expect, test } from "bun:test";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import { RawClient } from "./testing/raw-client.ts";
import { StreamsUnderTest } from "./testing/streams-under-test.ts";

const running: StreamsUnderTest[] = [];

function start(...words: ConstructorParameters<typeof StreamsUnderTest>): StreamsUnderTest {
	const streams = new StreamsUnderTest(...words);
	running.push(streams);
	return streams;
}

afterEach(async () => {
	for (const streams of running.splice(0)) await streams.stop();
});

describe("ways to connect", () => {
	test.each([
		["/ws/btcusdt@trade", { e: 1 }],
		["/ws/btcusdt@trade/ethbtc@depth@100ms", { e: 1 }],
		["/stream?streams=btcusdt@trade/other", { stream: "btcusdt@trade", data: { e: 1 } }],
		["/stream?streams=btcusdt%40trade", { stream: "btcusdt@trade", data: { e: 1 } }],
	])("%s", async (target, expected) => {
		const streams = start();
		const client = await streams.connect(target);
		streams.market([
			["nobody@trade", "{}"],
			["btcusdt@trade", '{"e":1}'],
		]);
		expect(await client.next()).toEqual(expected);
		expect(client.untaken).toEqual([]);
	});

	test("an unknown name in the path is no error: what is subscribed afterwards comes", async () => {
		const streams = start();
		for (const [target, raw] of [
			["/ws", true],
			["/ws/", true],
			["/ws/42", true],
			["/stream", false],
		] as const) {
			const client = await streams.connect(target);
			expect(await client.ask("SUBSCRIBE", ["btcusdt@trade"])).toEqual({ result: null, id: 1 });
			streams.market([["btcusdt@trade", "7"]]);
			expect(await client.next()).toEqual(raw ? 7 : { stream: "btcusdt@trade", data: 7 });
		}
	});

	test.each([
		["btcusdt@depth", "btcusdt@depth@1000ms"],
		["btcusdt@depth5", "btcusdt@depth5@1000ms"],
		["!miniTicker@arr", "!miniTicker@arr@3000ms"],
		["btcusdt@bookTicker", "!bookTicker"],
	])("%s is heard as %s too, once by each who asked", async (stream, alias) => {
		const streams = start();
		const [own, other, both] = await Promise.all([
			streams.connect(`/ws/${stream}`),
			streams.connect(`/stream?streams=${alias}`),
			streams.connect(`/stream?streams=${stream}/${alias}`),
		]);
		streams.market([[stream, "1"]]);
		expect(await own.next()).toBe(1);
		expect(await other.next()).toEqual({ stream: alias, data: 1 });
		expect([await both.next(), await both.next()]).toEqual([
			{ stream, data: 1 },
			{ stream: alias, data: 1 },
		]);
		expect([own.untaken, other.untaken, both.untaken]).toEqual([[], [], []]);
	});

	test("microseconds when asked for", async () => {
		const streams = start();
		const [micro, milli] = await Promise.all([
			streams.connect("/stream?streams=btcusdt@trade&timeUnit=MICROSECOND"),
			streams.connect("/ws/btcusdt@trade"),
		]);
		streams.market([["btcusdt@trade", '{"e":"trade","E":17,"t":5,"T":16}']]);
		expect(await micro.next()).toEqual({
			stream: "btcusdt@trade",
			data: { e: "trade", E: 17_000, t: 5, T: 16_000 },
		});
		expect(await milli.next()).toEqual({ e: "trade", E: 17, t: 5, T: 16 });
	});

	test("what cannot be a connection is answered", async () => {
		const streams = start({ streamsPerConnection: 2 });
		const answers = await Promise.all(
			[
				"/ws/btcusdt@trade",
				"/ws?timeUnit=SECOND",
				"/ws/a@x/b@x/c@x",
				`/ws/${"k".repeat(64)}`,
				"/elsewhere",
			].map((target) => streams.get(target)),
		);
		expect(answers.map((a) => a.status)).toEqual([426, 400, 400, 400, 404]);
		expect(await answers[1]!.json()).toMatchObject({ code: -1194 });
		expect(await answers[3]!.json()).toEqual({
			code: -1125,
			msg: "This listenKey does not exist.",
		});
	});

	test("300 attempts of an address in five minutes, then 429 until they are over", async () => {
		const streams = start({ connectionsPer5Minutes: 2 });
		const attempt = (client: string) => streams.get("/ws", { "x-client": client });
		await attempt("a");
		expect((await attempt("a")).status).toBe(426);
		await streams.time.advance(60_000);
		const refused = await attempt("a");
		expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "240"]);
		expect((await attempt("b")).status).toBe(426);
		await streams.time.advance(240_000);
		expect((await attempt("a")).status).toBe(426);
	});

	test("several processes count an address together, and alone while they cannot ask", async () => {
		const counts = new Map<string, number>();
		let isAway = false;
		const connects = {
			async increment(key: string, by: number) {
				if (isAway) throw new KeyValueUnavailable("away");
				counts.set(key, (counts.get(key) ?? 0) + by);
				return counts.get(key) ?? 0;
			},
		};
		const limits = { connectionsPer5Minutes: 2 };
		const both = [start(limits, connects), start(limits, connects)];
		const attempt = async (at: number, client: string) =>
			(await both[at]?.get("/ws", { "x-client": client }))?.status;
		expect(await attempt(0, "a")).toBe(426);
		expect(await attempt(1, "a")).toBe(426);
		expect(await attempt(0, "a")).toBe(429);
		expect(await attempt(0, "b")).toBe(426);
		isAway = true;
		expect([await attempt(0, "c"), await attempt(0, "c")]).toEqual([426, 426]);
		expect(await attempt(0, "c")).toBe(429);
	});
});

describe("control messages", () => {
	test("subscribe, list, unsubscribe", async () => {
		const streams = start();
		const client = await streams.connect("/ws/a@x");
		expect(await client.ask("SUBSCRIBE", ["b@x", "c@x"], "first")).toEqual({
			result: null,
			id: "first",
		});
		expect(await client.ask("LIST_SUBSCRIPTIONS", undefined, null)).toEqual({
			result: ["a@x", "b@x", "c@x"],
			id: null,
		});
		expect(await client.ask("UNSUBSCRIBE", ["a@x", "none@x"])).toEqual({ result: null, id: 1 });
		streams.market([
			["a@x", "1"],
			["b@x", "2"],
			["c@x", "3"],
		]);
		expect([await client.text(), await client.text()]).toEqual(["2", "3"]);
		expect(await client.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: ["b@x", "c@x"], id: 1 });
	});

	test("the form can be asked for and changed, for streams subscribed before, too", async () => {
		const streams = start();
		const client = await streams.connect("/ws/a@x");
		expect(await client.ask("GET_PROPERTY", ["combined"])).toEqual({ result: false, id: 1 });
		expect(await client.ask("SET_PROPERTY", ["combined", true])).toEqual({ result: null, id: 1 });
		expect(await client.ask("GET_PROPERTY", ["combined"])).toEqual({ result: true, id: 1 });
		streams.market([["a@x", "1"]]);
		expect(await client.next()).toEqual({ stream: "a@x", data: 1 });
		await client.ask("SET_PROPERTY", ["combined", false]);
		streams.market([["a@x", "2"]]);
		expect(await client.text()).toBe("2");
	});

	test("a 64-bit id comes back digit by digit, and errors name the id", async () => {
		const streams = start();
		const client = await streams.connect("/ws");
		client.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":9223372036854775807}');
		expect(await client.text()).toBe('{"result":[],"id":9223372036854775807}');
		client.socket.send("{");
		expect(await client.next()).toEqual({ code: 3, msg: expect.stringMatching(/^Invalid JSON/) });
		expect(await client.ask("SET_PROPERTY", ["combined", 1], 8)).toEqual({
			code: 1,
			msg: "Invalid value type: expected Boolean",
			id: 8,
		});
		expect(await client.ask("SUBSCRIBE", ["k".repeat(64)], 9)).toEqual({
			code: 2,
			msg: "Invalid request: This listenKey does not exist.",
			id: 9,
		});
	});

	test("beyond the streams of a connection none of a request is subscribed", async () => {
		const streams = start({ streamsPerConnection: 3 });
		const client = await streams.connect("/ws/a@x/b@x");
		expect(await client.ask("SUBSCRIBE", ["a@x", "c@x", "d@x"])).toMatchObject({ code: 2 });
		expect(await client.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: ["a@x", "b@x"], id: 1 });
		expect(await client.ask("SUBSCRIBE", ["a@x", "c@x"])).toEqual({ result: null, id: 1 });
	});

	test("more than five messages within a second close; a second later it is five again", async () => {
		const streams = start({ messagesPerSecond: 5 });
		const client = await streams.connect("/ws");
		for (let round = 0; round < 3; round += 1) {
			for (let i = 0; i < 5; i += 1) await client.ask("LIST_SUBSCRIPTIONS");
			await streams.time.advance(1_000);
		}
		for (let i = 0; i < 6; i += 1) client.socket.send('{"method":"LIST_SUBSCRIPTIONS"}');
		expect(await client.closed).toEqual({
			code: 1008,
			reason: "too many messages within a second",
		});
	});

	test("a frame that is too long or not text closes", async () => {
		const streams = start();
		const [long, binary] = await Promise.all([streams.connect("/ws"), streams.connect("/ws")]);
		long.socket.send(" ".repeat(16_385));
		binary.socket.send(new Uint8Array(3));
		expect((await binary.closed).code).toBe(1003);
		expect([1006, 1009]).toContain((await long.closed).code);
	});
});

describe("market data", () => {
	test("a message's streams reach every client in its order", async () => {
		const streams = start();
		const clients = await Promise.all(
			["/ws/a@x/b@x", "/ws/b@x/a@x", "/stream?streams=b@x/a@x"].map((t) => streams.connect(t)),
		);
		for (let i = 0; i < 50; i += 1) {
			streams.market([
				["a@x", `${i}`],
				["b@x", `${-i - 1}`],
			]);
		}
		const wanted = Array.from({ length: 50 }, (_, i) => [i, -i - 1]).flat();
		for (const [at, client] of clients.entries()) {
			const got: unknown[] = [];
			while (got.length < 100) got.push(await client.next());
			expect(got).toEqual(
				at < 2 ? wanted : wanted.map((n, i) => ({ stream: i % 2 ? "b@x" : "a@x", data: n })),
			);
		}
	});

	test.each([
		["a lost message", { seq: 9 }],
		["a new run of the market data worker", { run: "run-2", seq: 1 }],
		["a partition's first message", { partition: 1, seq: 1 }],
	])("%s closes whoever hears market data, and says why", async (_, change) => {
		const streams = start();
		const key = await streams.listenKeys.create(7);
		const [market, user] = await Promise.all([
			streams.connect("/ws/a@x"),
			streams.connect(`/ws/${key}`),
		]);
		streams.market([["a@x", "1"]]);
		streams.market([["a@x", "2"]], change);
		expect(await market.closed).toEqual({ code: 1012, reason: "market data was interrupted" });
		expect(await market.text()).toBe("1");
		expect(market.untaken).toEqual([]);
		expect(await user.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: [key], id: 1 });
		const again = await streams.connect("/ws/a@x");
		streams.market([["a@x", "3"]], { ...change, seq: change.seq + 1 });
		expect(await again.text()).toBe("3");
	});

	test("who waits until each partition was heard has nobody closed by a first message", async () => {
		const streams = start();
		const told: string[] = [];
		const heard = streams.worker.hear(2).then(() => told.push("heard"));
		const early = await streams.connect("/ws/a@x");
		expect(told).toEqual([]);
		streams.market([], { partition: 1 });
		await heard;
		expect((await early.closed).code).toBe(1012);
		const client = await streams.connect("/ws/a@x");
		streams.market([["a@x", "1"]], { partition: 1 });
		expect(await client.text()).toBe("1");
	});

	test("two seconds of silence close whoever hears market data; an empty message is none", async () => {
		const streams = start();
		const key = await streams.listenKeys.create(7);
		const [market, user] = await Promise.all([
			streams.connect("/ws/a@x"),
			streams.connect(`/ws/${key}`),
		]);
		for (let i = 0; i < 40; i += 1) {
			streams.market([]);
			await streams.time.advance(100);
		}
		streams.market([["a@x", "1"]]);
		expect(await market.text()).toBe("1");
		await streams.time.advance(2_000);
		expect(await market.closed).toEqual({ code: 1012, reason: "market data was interrupted" });
		expect(streams.worker.metrics()).toContain("castle_streams_interruptions_total 1\n");
		expect(await user.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: [key], id: 1 });
		const again = await streams.connect("/ws/a@x");
		await streams.time.advance(10_000);
		streams.market([["a@x", "2"]]);
		expect(await again.text()).toBe("2");
	});

	test("a repeated message is not said again", async () => {
		const streams = start();
		const client = await streams.connect("/ws/a@x");
		streams.market([["a@x", "1"]], { seq: 1 });
		streams.market([["a@x", "1"]], { seq: 1 });
		streams.market([["a@x", "2"]], { seq: 2 });
		expect([await client.text(), await client.text()]).toEqual(["1", "2"]);
	});

	test("a client that does not read is cut off, and has seen no hole until then", async () => {
		const streams = start({ backpressureLimitBytes: 65_536 });
		const slow = await RawClient.connect(streams.port, "/ws/a@x");
		const quick = await streams.connect("/ws/a@x");
		slow.stopReading();
		const padding = "x".repeat(10_000);
		for (let i = 0; i < 3_000; i += 1) {
			streams.market([["a@x", `[${i},"${padding}"]`]]);
			if (i % 10 === 0) await streams.time.settle();
		}
		while (((await quick.next()) as [number])[0] < 2_999);
		await connectionsAre(streams, 1);
		slow.readOn();
		await slow.closed;
		const seen = slow.received.map((text) => (JSON.parse(text) as [number])[0]);
		expect(seen.length).toBeGreaterThan(0);
		expect(seen.length).toBeLessThan(3_000);
		expect(seen).toEqual(seen.map((_, i) => i));
	});
});

describe("a connection's life", () => {
	test("a client that answers pings stays, one that does not is dropped after 60 s", async () => {
		const streams = start();
		const silent = await RawClient.connect(streams.port, "/ws");
		const good = await streams.connect("/ws");
		await streams.time.advance(20_000);
		await silent.pings;
		for (const pongs of [1, 2]) {
			while (streams.pongs < pongs) await streams.time.settle();
			await streams.time.advance(20_000);
		}
		await silent.closed;
		await connectionsAre(streams, 1);
		expect(await good.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: [], id: 1 });
	});

	test("who reads nothing knows no ping: whatever he says, he is dropped", async () => {
		const streams = start();
		const deaf = await RawClient.connect(streams.port, "/ws");
		for (const said of [1, 2, 3]) {
			deaf.say(10, "");
			deaf.say(1, '{"method":"LIST_SUBSCRIPTIONS","id":1}');
			while (deaf.received.length < said) await streams.time.settle();
			await streams.time.advance(20_000);
		}
		await deaf.closed;
	});

	test("after 24 hours it ends", async () => {
		const streams = start({ pongWithinMs: Number.POSITIVE_INFINITY, pingEveryMs: 3_600_000 });
		const client = await streams.connect("/ws");
		await streams.time.advance(86_399_999);
		expect(await client.ask("LIST_SUBSCRIPTIONS")).toMatchObject({ id: 1 });
		await streams.time.advance(1);
		expect((await client.closed).code).toBe(1001);
	});

	test("a server that stops says so first, and takes no more", async () => {
		const streams = start();
		const client = await streams.connect("/ws/a@x");
		const combined = await streams.connect("/stream?streams=a@x&timeUnit=MICROSECOND");
		await streams.worker.stop();
		expect(await client.next()).toEqual({ e: "serverShutdown", E: streams.time.nowMs() });
		expect(await combined.next()).toEqual({
			stream: "!serverShutdown",
			data: { e: "serverShutdown", E: streams.time.nowMs() * 1_000 },
		});
		expect(await client.closed).toEqual({ code: 1012, reason: "the server shuts down" });
		expect((await streams.get("/ws")).status).toBe(503);
	});

	test("metrics count what is there and why it went", async () => {
		const streams = start();
		const client = await streams.connect("/ws/a@x/b@x");
		streams.market([["a@x", "1"]]);
		await client.text();
		expect(streams.worker.metrics()).toContain("castle_streams_streams 2\n");
		expect(streams.worker.metrics()).toContain("castle_streams_published_total 1\n");
		client.socket.close(1000);
		await connectionsAre(streams, 0);
		expect(streams.worker.metrics()).toContain('castle_streams_closed_total{code="1000"} 1\n');
		expect(streams.worker.metrics()).toContain("castle_streams_streams 0\n");
	});
});

/** Waits until so many are connected. */
async function connectionsAre(streams: StreamsUnderTest, count: number): Promise<void> {
	while (!streams.worker.metrics().includes(`castle_streams_connections ${count}\n`)) {
		await streams.time.settle();
	}
}
