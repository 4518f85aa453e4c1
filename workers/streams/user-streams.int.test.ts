import { afterEach, expect, test } from "bun:test";
import { sampleOrder } from "../../db/ledger/contract/ledger-samples.ts";
import { listenKeyClosed } from "../../schemas/listen-key-closed.ts";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import { Rejection } from "../../schemas/rejection.ts";
import type { UserEventId, UserEventMessage, UserEventsSince } from "../../schemas/user-event.ts";
import { RawClient } from "./testing/raw-client.ts";
import { StreamsUnderTest } from "./testing/streams-under-test.ts";

let streams: StreamsUnderTest;

afterEach(async () => {
	await streams.stop();
});

function id(evSeq: number): UserEventId {
	return { partition: 0, evSeq, n: 0 };
}

/** The user's event number `evSeq`, after the one before it. */
function event(evSeq: number, userId = 7): UserEventMessage {
	return {
		userId,
		id: id(evSeq),
		epoch: 1,
		previous: evSeq === 1 ? null : id(evSeq - 1),
		ts: evSeq,
		event: { kind: "balanceUpdate", assetId: 1, delta: BigInt(evSeq) * 100_000_000n },
	};
}

const LOST: UserEventsSince = { epoch: 1, last: null, events: null };

function kept(...events: UserEventMessage[]): UserEventsSince {
	return { epoch: 1, last: events.at(-1)?.id ?? null, events };
}

async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

function payload(evSeq: number, perMs = 1) {
	const at = evSeq * perMs;
	return { e: "balanceUpdate", E: at, a: "BTC", d: `${evSeq}.00000000`, T: at };
}

test("by path bare, by query and on combined wrapped, by SUBSCRIBE; others' events stay theirs", async () => {
	streams = new StreamsUnderTest();
	const [key, other] = [await streams.listenKeys.create(7), await streams.listenKeys.create(8)];
	const path = await streams.connect(`/ws/${key}`);
	const query = await streams.connect(`/stream?streams=a@x/${key}&timeUnit=MICROSECOND`);
	const later = await streams.connect("/ws");
	const stranger = await streams.connect(`/ws/${other}`);
	expect(await later.ask("SUBSCRIBE", ["a@x", key])).toEqual({ result: null, id: 1 });
	expect(await later.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: ["a@x", key], id: 1 });
	streams.user(event(1), event(1, 8), event(2));
	for (const client of [path, later]) {
		expect([await client.next(), await client.next()]).toEqual([payload(1), payload(2)]);
	}
	expect(await query.next()).toEqual({ stream: key, data: payload(1, 1_000) });
	expect(await stranger.next()).toEqual(payload(1));
	expect(stranger.untaken).toEqual([]);
	await later.ask("UNSUBSCRIBE", [key]);
	streams.user(event(3));
	expect(await path.next()).toEqual(payload(3));
	expect(await later.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: ["a@x"], id: 1 });
});

test("what became of a sampled order is told by its name, when its user is told", async () => {
	streams = new StreamsUnderTest();
	const client = await streams.connect(`/ws/${await streams.listenKeys.create(7)}`);
	const report = (evSeq: number, seq: number, shard = 2): UserEventMessage => ({
		...event(evSeq),
		event: {
			...{ kind: "executionReport", execution: "NEW", order: sampleOrder(1, { shard, seq }) },
			...{ fill: null, lastPreventedLots: 0, counterOrderId: 0, priceTicks: 0 },
			...{ origClientOrderId: "", clientOrderId: "mine", rejection: Rejection.None },
		},
	});
	streams.user(report(1, 10), report(2, 11), report(3, 20), event(4));
	for (let i = 0; i < 4; i += 1) await client.next();
	const { orderId, partition } = sampleOrder(1);
	const told = { execution: "NEW", orderId, step: "sent" };
	expect(streams.traces).toEqual([
		{ trace: `${partition}-2-10`, ...told },
		{ trace: `${partition}-2-20`, ...told },
	]);
});

test("what happens while the client connects is there when it is connected", async () => {
	streams = new StreamsUnderTest();
	const key = await streams.listenKeys.create(7);
	const asked = Promise.withResolvers<void>();
	const answer = Promise.withResolvers<UserEventsSince>();
	streams.userEventsSince = () => {
		asked.resolve();
		return answer.promise;
	};
	const connecting = streams.connect(`/ws/${key}`);
	await asked.promise;
	streams.user(event(2), event(3));
	await streams.time.settle();
	answer.resolve(kept(event(1), event(2)));
	const client = await connecting;
	expect([await client.next(), await client.next()]).toEqual([payload(2), payload(3)]);
});

test("a lost event is fetched and said in its place", async () => {
	streams = new StreamsUnderTest();
	const client = await streams.connect(`/ws/${await streams.listenKeys.create(7)}`);
	streams.user(event(1));
	streams.userEventsSince = async (_, after) =>
		after?.evSeq === 1 ? kept(event(2), event(3)) : LOST;
	streams.user(event(3));
	streams.user(event(4));
	const got = [await client.next(), await client.next(), await client.next(), await client.next()];
	expect(got).toEqual([1, 2, 3, 4].map((n) => payload(n)));
});

test("a user who does not read is cut off, and has seen no hole until then", async () => {
	streams = new StreamsUnderTest({ backpressureLimitBytes: 65_536 });
	const key = await streams.listenKeys.create(7);
	const slow = await RawClient.connect(streams.port, `/ws/${key}`);
	slow.stopReading();
	let said = 0;
	while (!streams.worker.metrics().includes("castle_streams_connections 0\n")) {
		const from = said;
		said += 1_000;
		streams.user(...Array.from({ length: 1_000 }, (_, i) => event(from + i + 1)));
		await streams.time.settle();
	}
	slow.readOn();
	await slow.closed;
	const seen = slow.received.map((text) => JSON.parse(text));
	expect(seen.length).toBeGreaterThan(0);
	expect(seen.length).toBeLessThan(said);
	expect(seen).toEqual(seen.map((_, i) => payload(i + 1)));
	expect(streams.worker.metrics()).toContain("castle_streams_users 0\n");
});

test("events that cannot be had any more close the connection", async () => {
	streams = new StreamsUnderTest();
	const client = await streams.connect(`/ws/${await streams.listenKeys.create(7)}`);
	streams.user(event(1));
	expect(await client.next()).toEqual(payload(1));
	streams.userEventsSince = async () => LOST;
	streams.user(event(3));
	expect(await client.closed).toEqual({ code: 1013, reason: "user events were lost" });
	expect(client.untaken).toEqual([]);
	expect(streams.worker.metrics()).toContain("castle_streams_users 0\n");
});

test("a last event that was lost is found without another", async () => {
	streams = new StreamsUnderTest();
	const client = await streams.connect(`/ws/${await streams.listenKeys.create(7)}`);
	streams.user(event(1));
	expect(await client.next()).toEqual(payload(1));
	streams.userEventsSince = async () => kept(event(2));
	await streams.time.advance(20_000);
	expect(await client.next()).toEqual(payload(2));
});

test("a last event that was lost with Redis is found when it is back, though keys cannot be asked for yet", async () => {
	streams = new StreamsUnderTest();
	const clients = [];
	for (let userId = 1; userId <= 50; userId += 1) {
		clients.push(await streams.connect(`/ws/${await streams.listenKeys.create(userId)}`));
	}
	let asked = 0;
	streams.userEventsSince = async (userId) => {
		asked += 1;
		return kept(event(1, userId));
	};
	streams.listenKeys.userOf = () => Promise.reject(new KeyValueUnavailable("away"));
	streams.lose();
	expect(asked).toBe(3);
	await streams.time.advance(1_000);
	expect(asked).toBe(50);
	for (const client of clients) expect(await client.next()).toEqual(payload(1));
	expect(streams.warnings).toEqual(["listen keys cannot be checked"]);
});

test("an account worker that does not answer: no connection without events", async () => {
	streams = new StreamsUnderTest();
	const key = await streams.listenKeys.create(7);
	streams.userEventsSince = () => Promise.reject(new Error("away"));
	expect((await streams.get(`/ws/${key}`)).status).toBe(503);
	const client = await streams.connect("/ws");
	expect(await client.ask("SUBSCRIBE", [key])).toMatchObject({ code: 2, id: 1 });
	expect(streams.worker.metrics()).toContain("castle_streams_users 0\n");
});

test("an answer of the account worker that is lost does not leave the client waiting", async () => {
	streams = new StreamsUnderTest();
	const key = await streams.listenKeys.create(7);
	const asked = Promise.withResolvers<void>();
	streams.userEventsSince = () => {
		asked.resolve();
		return new Promise(() => {});
	};
	const connecting = streams.get(`/ws/${key}`);
	await asked.promise;
	await streams.time.advance(5_000);
	expect((await connecting).status).toBe(503);
});

test("a client that goes while its stream opens leaves nothing behind", async () => {
	streams = new StreamsUnderTest();
	const key = await streams.listenKeys.create(7);
	const client = await streams.connect("/ws");
	const asked = Promise.withResolvers<void>();
	const answer = Promise.withResolvers<UserEventsSince>();
	streams.userEventsSince = () => {
		asked.resolve();
		return answer.promise;
	};
	client.socket.send(JSON.stringify({ method: "SUBSCRIBE", params: [key], id: 1 }));
	await asked.promise;
	client.socket.close();
	await until(() => streams.worker.metrics().includes("castle_streams_connections 0\n"));
	answer.resolve(kept());
	await until(() => streams.worker.metrics().includes("castle_streams_users 0\n"));
});

test("listen keys that cannot be asked for: an error, and what else the client hears goes on", async () => {
	streams = new StreamsUnderTest();
	const key = await streams.listenKeys.create(7);
	const client = await streams.connect("/ws/a@x");
	streams.listenKeys.userOf = () => Promise.reject(new KeyValueUnavailable("away"));
	expect(await client.ask("SUBSCRIBE", ["b@x", key])).toMatchObject({ code: 2, id: 1 });
	expect(await client.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: ["a@x"], id: 1 });
	expect((await streams.get(`/ws/${key}`)).status).toBe(503);
});

test("who asks on and on while a store hangs is closed", async () => {
	streams = new StreamsUnderTest();
	const client = await streams.connect("/ws");
	streams.listenKeys.userOf = () => new Promise(() => {});
	const asked = JSON.stringify({ method: "SUBSCRIBE", params: ["k".repeat(64)], id: 1 });
	for (let i = 0; i < 51; i += 1) client.socket.send(asked);
	expect(await client.closed).toMatchObject({ code: 1008 });
});

test("of several keys all are subscribed or none", async () => {
	streams = new StreamsUnderTest();
	const key = await streams.listenKeys.create(7);
	const client = await streams.connect("/ws");
	expect(await client.ask("SUBSCRIBE", ["a@x", key, "k".repeat(64)])).toMatchObject({ code: 2 });
	expect(await client.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: [], id: 1 });
	expect(streams.worker.metrics()).toContain("castle_streams_users 0\n");
});

test("a key that is closed has its user's streams looked after, and nobody else's", async () => {
	streams = new StreamsUnderTest();
	const keys = [await streams.listenKeys.create(7), await streams.listenKeys.create(8)] as const;
	for (const key of keys) await streams.connect(`/ws/${key}`);
	const asked: string[] = [];
	const { userOf } = streams.listenKeys;
	streams.listenKeys.userOf = (key) => {
		asked.push(key);
		return userOf.call(streams.listenKeys, key);
	};
	streams.pubsub.publish(listenKeyClosed, { userId: 8 });
	await streams.time.advance(1);
	expect(asked).toEqual([keys[1]]);
});

test("a key that expires or is closed ends its stream and says so; an extended one goes on", async () => {
	streams = new StreamsUnderTest({ pongWithinMs: Number.POSITIVE_INFINITY });
	const [key, closed] = [await streams.listenKeys.create(7), await streams.listenKeys.create(8)];
	const raw = await streams.connect(`/ws/${key}`);
	const combined = await streams.connect(`/stream?streams=${closed}`);
	await streams.listenKeys.close(closed);
	streams.pubsub.publish(listenKeyClosed, { userId: 8 });
	const said = combined.next();
	const gone = { e: "listenKeyExpired", E: streams.time.nowMs(), listenKey: closed };
	expect(await said).toEqual({ stream: closed, data: gone });
	expect(await combined.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: [], id: 1 });
	await streams.time.advance(3_000_000);
	await streams.listenKeys.extend(key);
	await streams.time.advance(3_000_000);
	streams.user(event(1));
	expect(await raw.next()).toEqual(payload(1));
	await streams.time.advance(600_000);
	expect(await raw.next()).toMatchObject({ e: "listenKeyExpired", listenKey: key });
	streams.user(event(2));
	expect(await raw.ask("LIST_SUBSCRIPTIONS")).toEqual({ result: [], id: 1 });
});
