import { beforeEach, describe, expect, test } from "bun:test";
import { keyChanges } from "../../schemas/key-changes.ts";
import type { UserEventMessage } from "../../schemas/user-event.ts";
import { userEvents } from "../../schemas/user-event-channel.ts";
import { API_KEY, addKey } from "../testing/fake-services.ts";
import { Client, type Reply, WsUnderTest } from "../testing/ws-under-test.ts";

let under: WsUnderTest;

beforeEach(() => {
	under = new WsUnderTest();
});

describe("user data", () => {
	/** A deposit of one unit: the n-th event of its user. */
	function deposit(userId: number, n: number): UserEventMessage {
		const at = (evSeq: number) => ({ partition: 0, evSeq, n: 0 });
		return {
			userId,
			id: at(n),
			epoch: 1,
			previous: n === 1 ? null : at(n - 1),
			ts: under.services.time.now,
			event: { kind: "balanceUpdate", assetId: 1, delta: 1n },
		};
	}

	beforeEach(() => {
		const asset = { assetId: 1, asset: "BTC", name: "Bitcoin", decimals: 8 };
		under.services.marketData.venue.assetById = () => asset;
	});

	async function subscribe(): Promise<Reply> {
		addKey(under.services);
		return await under.client.ask("userDataStream.subscribe.signature", await under.signedParams());
	}

	test("events come wrapped, after the answer, of this user only", async () => {
		under.services.keptEvents = [];
		const asked = subscribe();
		await Promise.resolve();
		expect((await asked).result).toEqual({ subscriptionId: 0 });
		under.services.pubsub.publish(userEvents, [deposit(7, 1), deposit(9, 1), deposit(7, 2)]);
		await under.client.until(3);
		expect(under.client.replies[1]).toMatchObject({
			subscriptionId: 0,
			event: { e: "balanceUpdate" },
		});
		expect(under.client.replies).toHaveLength(3);
	});

	test("what happens while it opens comes after its answer", async () => {
		addKey(under.services);
		let resume: (events: readonly UserEventMessage[]) => void = () => undefined;
		const asked = new Promise<void>((wake) => {
			under.services.accounts = () =>
				({
					userEventsSince: () =>
						new Promise((resolve) => {
							resume = (events) => resolve({ epoch: 1, last: null, events });
							under.services.pubsub.publish(userEvents, [deposit(7, 1)]);
							wake();
						}),
				}) as never;
		});
		const params = await under.signedParams();
		under.client.session.receive(
			JSON.stringify({ id: 1, method: "userDataStream.subscribe.signature", params }),
		);
		await asked;
		resume([deposit(7, 1)]);
		await under.client.until(2);
		expect(under.client.replies[0]?.result).toEqual({ subscriptionId: 0 });
		expect(under.client.replies[1]?.event?.["e"]).toBe("balanceUpdate");
	});

	test("one that is given back, or logged out of, while it opens is answered, and told that it has ended", async () => {
		await under.logOn();
		let answer: () => void = () => undefined;
		under.services.accounts = () =>
			({
				userEventsSince: () =>
					new Promise((resolve) => {
						answer = () => resolve({ epoch: 1, last: null, events: [] });
					}),
			}) as never;
		for (const [n, method] of ["userDataStream.unsubscribe", "session.logout"].entries()) {
			const before = under.client.replies.length;
			under.client.session.receive('{"id":5,"method":"userDataStream.subscribe"}');
			await under.client.ask(method, {}, 6);
			answer();
			await under.client.until(before + 3);
			expect(under.client.replies.slice(before)).toMatchObject([
				{ id: 6, status: 200 },
				{ id: 5, status: 200, result: { subscriptionId: n } },
				{ subscriptionId: n, event: { e: "eventStreamTerminated" } },
			]);
		}
		expect((await under.client.ask("session.subscriptions")).result).toEqual([]);
	});

	test("a key that is revoked while it opens has none", async () => {
		addKey(under.services);
		under.services.accounts = () =>
			({
				async userEventsSince() {
					await under.services.users.revokeKey(7, 1);
					under.services.pubsub.publish(keyChanges, { apiKey: API_KEY });
					await new Promise((resolve) => setTimeout(resolve));
					return { epoch: 1, last: null, events: [] };
				},
			}) as never;
		const params = await under.signedParams();
		const refused = await under.client.ask("userDataStream.subscribe.signature", params);
		expect(refused.error?.code).toBe(-2015);
		expect((await under.client.ask("session.subscriptions")).result).toEqual([]);
	});

	test("once per account; listed; given back one by one or all", async () => {
		await subscribe();
		const again = await under.client.ask(
			"userDataStream.subscribe.signature",
			await under.signedParams(),
		);
		expect(again.error?.code).toBe(-2035);
		expect((await under.client.ask("session.subscriptions")).result).toEqual([
			{ subscriptionId: 0 },
		]);
		expect((await under.client.ask("session.status")).result.userDataStream).toBe(true);
		expect(
			(await under.client.ask("userDataStream.unsubscribe", { subscriptionId: 5 })).error?.code,
		).toBe(-2036);
		under.client.session.receive(
			'{"id":9,"method":"userDataStream.unsubscribe","params":{"subscriptionId":0}}',
		);
		await under.client.until(7);
		expect(under.client.replies.slice(5)).toMatchObject([
			{ subscriptionId: 0, event: { e: "eventStreamTerminated" } },
			{ id: 9, status: 200, result: {} },
		]);
		expect((await under.client.ask("session.status")).result.userDataStream).toBe(false);
		expect((await under.client.ask("userDataStream.unsubscribe")).error?.code).toBe(-2036);
		under.services.pubsub.publish(userEvents, [deposit(7, 1)]);
		expect((await under.client.ask("session.subscriptions")).result).toEqual([]);
	});

	test("by the session's key, until logout", async () => {
		expect((await under.client.ask("userDataStream.subscribe")).status).toBe(401);
		await under.logOn();
		expect((await under.client.ask("userDataStream.subscribe")).result).toEqual({
			subscriptionId: 0,
		});
		expect((await under.client.ask("session.status")).result.userDataStream).toBe(true);
		under.client.session.receive('{"id":9,"method":"session.logout"}');
		await under.client.until(6);
		expect(under.client.replies[4]?.event?.["e"]).toBe("eventStreamTerminated");
		under.services.pubsub.publish(userEvents, [deposit(8, 1)]);
		await under.client.ask("open");
		expect(under.client.replies.filter(({ event }) => event !== undefined)).toHaveLength(1);
	});

	test("a revoked key ends it, and says so", async () => {
		await subscribe();
		under.services.pubsub.publish(keyChanges, { apiKey: API_KEY });
		expect((await under.client.ask("session.subscriptions")).result).toHaveLength(1);
		await under.services.users.revokeKey(7, 1);
		under.services.pubsub.publish(keyChanges, { apiKey: API_KEY });
		await under.client.until(3);
		expect(under.client.replies[2]).toMatchObject({
			subscriptionId: 0,
			event: { e: "eventStreamTerminated" },
		});
	});

	test("a key whose revocation was not announced: all ends with the next request", async () => {
		await under.logOn();
		await under.client.ask("userDataStream.subscribe");
		await under.services.users.revokeKey(8, 2);
		under.services.time.advance(5_000);
		under.client.session.receive(
			`{"id":9,"method":"mine","params":{"timestamp":${under.services.time.now}}}`,
		);
		await under.client.until(4);
		expect(under.client.replies[2]?.event?.["e"]).toBe("eventStreamTerminated");
		expect(under.client.replies[3]).toMatchObject({ id: null, status: 401 });
	});

	test("a key whose revocation was not announced: its stream ends though nothing is asked any more", async () => {
		await subscribe();
		under.services.time.advance(20_000);
		expect((await under.client.ask("session.subscriptions")).result).toHaveLength(1);
		await under.services.users.revokeKey(7, 1);
		under.services.time.advance(20_000);
		await under.client.until(3);
		expect(under.client.replies[2]?.event?.["e"]).toBe("eventStreamTerminated");
	});

	test("a hole that cannot be mended ends it, and says so", async () => {
		await subscribe();
		under.services.pubsub.publish(userEvents, [deposit(7, 1)]);
		under.services.keptEvents = null;
		under.services.pubsub.publish(userEvents, [deposit(7, 3)]);
		await under.client.until(3);
		expect(under.client.replies[2]?.event?.["e"]).toBe("eventStreamTerminated");
	});

	test("an event that no other follows is found by asking", async () => {
		await subscribe();
		under.services.pubsub.publish(userEvents, [deposit(7, 1)]);
		under.services.keptEvents = [deposit(7, 2)];
		under.services.time.advance(20_000);
		await under.client.until(3);
		expect(under.client.replies[2]?.event?.["e"]).toBe("balanceUpdate");
	});

	test("a last event and a revocation that were lost with Redis are found when it is back", async () => {
		await subscribe();
		under.services.pubsub.publish(userEvents, [deposit(7, 1)]);
		under.services.keptEvents = [deposit(7, 2)];
		under.services.pubsub.lose();
		await under.client.until(3);
		expect(under.client.replies[2]?.event?.["e"]).toBe("balanceUpdate");
		await under.services.users.revokeKey(7, 1);
		under.services.time.advance(5_000);
		under.services.pubsub.lose();
		await under.client.until(4);
		expect(under.client.replies[3]?.event?.["e"]).toBe("eventStreamTerminated");
	});

	test("a connection that goes before its key is found leaves nothing behind", async () => {
		addKey(under.services);
		let asked = 0;
		const { accounts } = under.services;
		under.services.accounts = (userId) => {
			asked += 1;
			return accounts(userId);
		};
		const params = await under.signedParams();
		const gone = under.client;
		gone.session.receive(
			JSON.stringify({ id: 1, method: "userDataStream.subscribe.signature", params }),
		);
		gone.session.closed();
		// Later than it: the answer of another connection to the same question.
		under.client = new Client(under.edge);
		expect((await subscribe()).status).toBe(200);
		expect(asked).toBe(1);
	});

	test("a closed connection gets nothing and holds nothing", async () => {
		await subscribe();
		under.client.session.closed();
		under.services.pubsub.publish(userEvents, [deposit(7, 1)]);
		expect(under.client.replies).toHaveLength(1);
		const metrics = await (
			await under.edge.fetch(new Request("http://[::1]/metrics"), { ip: "::1" })
		).text();
		expect(metrics).toContain("castle_edge_ws_api_connections 0");
	});
});
