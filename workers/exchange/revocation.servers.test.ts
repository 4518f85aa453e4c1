/**
 * Two edges, Redis hangs, account workers die: once a key's revocation is answered, neither edge takes an
 * order of it, whoever owns the shard by then.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ApiClient } from "./testing/api-client.ts";
import type { PrintedKey, TestUser } from "./testing/running-exchange.ts";
import { StackUnderTest, shardOf } from "./testing/stack-kills/stack-under-test.ts";

const ORDER = {
	...{ symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "IOC" },
	...{ price: "20000", quantity: "0.001", recvWindow: 5_000 },
};
/** Callers at each edge. */
const CALLERS = 4;
/** How long after the answer callers go on: an edge remembers a key for longer than that. */
const GO_ON_MS = 1_500;
const ANSWERED_WITHIN_MS = 20_000;

const exchange = new StackUnderTest(() => {});
let user: TestUser;

beforeAll(async () => {
	await exchange.start();
	user = await exchange.createUser({ USDT: "100000" });
});

afterAll(() => exchange.dispose());

/** Orders with one key over both edges, until told to stop. */
class Callers {
	/** When each order that was taken had been sent, and how many were refused for the key. */
	readonly takenSentAt: number[] = [];
	refused = 0;
	private going = true;
	private readonly loops: Promise<void>[];

	constructor(key: PrintedKey) {
		const edges = ["edge-1", "edge-2"].map(
			(name) => `http://127.0.0.1:${exchange.part(name).port}`,
		);
		this.loops = edges.flatMap((url) =>
			Array.from({ length: CALLERS }, () => this.loop(new ApiClient(url, key))),
		);
	}

	async stop(): Promise<void> {
		this.going = false;
		await Promise.all(this.loops);
	}

	private async loop(client: ApiClient): Promise<void> {
		while (this.going) {
			const sentAt = performance.now();
			const { status, body } = await client.call("POST", "/api/v3/order", ORDER);
			if (status === 200) this.takenSentAt.push(sentAt);
			else if (body.code === -2015) this.refused += 1;
			else await Bun.sleep(20);
		}
	}
}

/** Says it until it is answered: an account worker that is being followed has no answer. */
async function revoke(key: PrintedKey): Promise<void> {
	const deadline = performance.now() + ANSWERED_WITHIN_MS;
	const flags = { user: `${user.userId}`, key: `${key.keyId}` };
	for (;;) {
		try {
			await exchange.operator.operator("key revoke", flags);
			return;
		} catch (error) {
			if (performance.now() > deadline) throw error;
		}
	}
}

test.each([
	["all is well", false, false],
	["Redis hangs", true, false],
	["Redis hangs and the shard changes hands", true, true],
	["Redis hangs and the shard changes hands again", true, true],
])("no order is taken after the answer: %s", async (_, redisHangs, shardDies) => {
	const key = await exchange.operator.operator<PrintedKey>("key create", {
		...{ user: `${user.userId}`, type: "hmac", scopes: "read,trade" },
	});
	const callers = new Callers(key);
	while (callers.takenSentAt.length < 20) await Bun.sleep(10);
	if (redisHangs) exchange.part("redis").pause();
	if (shardDies) (await exchange.holderOf(`accounts-${shardOf(user)}`)).kill();
	await revoke(key);
	const answeredAt = performance.now();
	await Bun.sleep(GO_ON_MS);
	const takenBefore = callers.takenSentAt.length;
	// What was taken is still to be heard of; a shard that changed hands answers by now.
	while (callers.refused < 20) await Bun.sleep(10);
	await callers.stop();
	if (redisHangs) exchange.part("redis").resume();
	expect(callers.takenSentAt.filter((sentAt) => sentAt > answeredAt)).toEqual([]);
	expect(takenBefore).toBeGreaterThanOrEqual(20);
	await exchange.untilUp();
});
