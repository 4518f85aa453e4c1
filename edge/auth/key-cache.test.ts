import { describe, expect, test } from "bun:test";
import { keyChanges } from "../../schemas/key-changes.ts";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { API_KEY, addKey, fakeServices, SECRET } from "../testing/fake-services.ts";
import { KeyCache } from "./key-cache.ts";

function setUp() {
	const services = fakeServices();
	const { users, secretBox, time, pubsub } = services;
	return { services, cache: new KeyCache(users, secretBox, time, pubsub) };
}

test("a key is good for five seconds after its look-up, its secret open", async () => {
	const { services, cache } = setUp();
	addKey(services);
	expect((await cache.find(API_KEY))?.verification).toEqual({ type: "hmac", material: SECRET });
	services.users.keyByText = () => Promise.reject(new Error("away"));
	services.time.advance(4_999);
	expect(cache.find(API_KEY)).not.toBeInstanceOf(Promise);
	services.time.advance(1);
	expect(async () => await cache.find(API_KEY)).toThrow("away");
});

test("a key in use is looked up again before that, once, and nobody waits", async () => {
	const { services, cache } = setUp();
	const key = addKey(services);
	await cache.find(API_KEY);
	services.time.advance(1_999);
	cache.find(API_KEY);
	expect(services.users.lookups).toBe(1);
	services.time.advance(1_900);
	expect(cache.find(API_KEY)).not.toBeInstanceOf(Promise);
	expect(cache.find(API_KEY)).not.toBeInstanceOf(Promise);
	expect(services.users.lookups).toBe(2);
	// Until the look-up is over.
	await new Promise((resolve) => setTimeout(resolve));
	await services.users.revokeKey(key.userId, key.keyId);
	// Counted from the second look-up: 3,899 ms after the first.
	services.time.advance(4_999);
	expect(cache.find(API_KEY)).not.toBeInstanceOf(Promise);
	await new Promise((resolve) => setTimeout(resolve));
	expect(await cache.find(API_KEY)).toBeNull();
});

test("an unknown key is remembered for a second", async () => {
	const { services, cache } = setUp();
	expect(await cache.find(API_KEY)).toBeNull();
	addKey(services);
	services.time.advance(999);
	expect(await cache.find(API_KEY)).toBeNull();
	services.time.advance(1);
	expect(await cache.find(API_KEY)).not.toBeNull();
});

test("so many unknown keys are remembered, and no more", async () => {
	const { services, cache } = setUp();
	const text = (n: number) => String(n).padStart(64, "k");
	for (let n = 0; n <= 20_000; n += 1) await cache.find(text(n));
	expect(services.users.lookups).toBe(20_001);
	await cache.find(text(20_000));
	expect(services.users.lookups).toBe(20_001);
	await cache.find(text(0));
	expect(services.users.lookups).toBe(20_002);
});

test("many that miss at once wait for one look-up", async () => {
	const { services, cache } = setUp();
	addKey(services);
	const found = await Promise.all([1, 2, 3, 4].map(() => cache.find(API_KEY)));
	expect(found.every((usable) => usable?.key.userId === 7)).toBe(true);
	expect(services.users.lookups).toBe(1);
});

test("a change drops it at once", async () => {
	const { services, cache } = setUp();
	const key = addKey(services);
	await cache.find(API_KEY);
	await services.users.revokeKey(key.userId, key.keyId);
	expect(await cache.find(API_KEY)).not.toBeNull();
	services.pubsub.publish(keyChanges, { apiKey: API_KEY });
	expect(await cache.find(API_KEY)).toBeNull();
});

test("a change during a look-up: its result is not remembered, however late it comes", async () => {
	const { services, cache } = setUp();
	const key = addKey(services);
	let finish: () => void = () => undefined;
	const read = services.users.keyByText.bind(services.users);
	services.users.keyByText = () =>
		new Promise((resolve) => {
			finish = () => resolve(key);
		});
	const early = cache.find(API_KEY);
	services.users.keyByText = read;
	await services.users.revokeKey(key.userId, key.keyId);
	services.pubsub.publish(keyChanges, { apiKey: API_KEY });
	expect(await cache.find(API_KEY)).toBeNull();
	finish();
	await early;
	await Promise.resolve();
	expect(await cache.find(API_KEY)).toBeNull();
});

test("a look-up that fails is tried again", async () => {
	const { services, cache } = setUp();
	addKey(services);
	const read = services.users.keyByText.bind(services.users);
	services.users.keyByText = async () => {
		throw new Error("away");
	};
	expect(cache.find(API_KEY)).rejects.toThrow("away");
	services.users.keyByText = read;
	await Promise.resolve();
	await Promise.resolve();
	expect(await cache.find(API_KEY)).not.toBeNull();
});

describe("while the store of keys is away", () => {
	const settled = () => new Promise((resolve) => setTimeout(resolve));

	function storeAway(services: ReturnType<typeof fakeServices>) {
		const read = services.users.keyByText.bind(services.users);
		let asked = 0;
		services.users.keyByText = () => {
			asked += 1;
			return Promise.reject(new LedgerUnavailable("away"));
		};
		return {
			asked: () => asked,
			back: () => {
				services.users.keyByText = read;
			},
		};
	}

	test("a key that was known goes on, without waiting once that is known, for ten minutes", async () => {
		const { services, cache } = setUp();
		addKey(services);
		await cache.find(API_KEY);
		const store = storeAway(services);
		services.time.advance(5_000);
		expect((await cache.find(API_KEY))?.key.userId).toBe(7);
		expect(store.asked()).toBe(1);
		await settled();
		services.time.advance(499);
		expect(cache.find(API_KEY)).not.toBeInstanceOf(Promise);
		expect(store.asked()).toBe(1);
		services.time.advance(1);
		expect(cache.find(API_KEY)).not.toBeInstanceOf(Promise);
		await settled();
		expect(store.asked()).toBe(2);
		services.time.advance(599_499);
		expect(await cache.find(API_KEY)).not.toBeNull();
		await settled();
		services.time.advance(1);
		expect(async () => await cache.find(API_KEY)).toThrow("away");
	});

	test("one that is not known, and one whose change was announced, is not guessed at", async () => {
		const { services, cache } = setUp();
		addKey(services);
		await cache.find(API_KEY);
		storeAway(services);
		services.time.advance(5_000);
		await cache.find(API_KEY);
		await settled();
		services.pubsub.publish(keyChanges, { apiKey: API_KEY });
		expect(async () => await cache.find(API_KEY)).toThrow("away");
		expect(async () => await cache.find("x".repeat(64))).toThrow("away");
	});

	test("a look-up that takes a second says so; when it is back, what it says counts", async () => {
		const { services, cache } = setUp();
		const key = addKey(services);
		await cache.find(API_KEY);
		const read = services.users.keyByText.bind(services.users);
		let answer: () => void = () => undefined;
		services.users.keyByText = (text) =>
			new Promise((resolve) => {
				answer = () => resolve(read(text));
			});
		services.time.advance(5_000);
		expect(cache.find(API_KEY)).toBeInstanceOf(Promise);
		services.time.advance(999);
		expect(cache.find(API_KEY)).toBeInstanceOf(Promise);
		services.time.advance(1);
		expect(cache.find(API_KEY)).not.toBeInstanceOf(Promise);
		await services.users.revokeKey(key.userId, key.keyId);
		services.users.keyByText = read;
		answer();
		await settled();
		expect(await cache.find(API_KEY)).toBeNull();
	});
});
