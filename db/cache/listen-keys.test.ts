import { expect, test } from "bun:test";
import { LISTEN_KEY_TTL_MS } from "../../schemas/ports/listen-keys.ts";
import { ManualTime } from "../testing/manual-time.ts";
import { InProcessKeyValue } from "./in-process-key-value.ts";
import { StoredListenKeys } from "./listen-keys.ts";

function make() {
	const time = new ManualTime();
	const keyValue = new InProcessKeyValue({ clock: time, scheduler: time });
	const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
	return { time, keyValue, keys: new StoredListenKeys({ keyValue, random }) };
}

const MINUTE = 60_000;

test("a key is 64 letters and digits, leads to its user, and is no one else's", async () => {
	const { keys } = make();
	const [one, two] = [await keys.create(1), await keys.create(2)];
	expect(one).toMatch(/^[A-Za-z0-9]{64}$/);
	expect(one).not.toBe(two);
	expect([await keys.userOf(one), await keys.userOf(two)]).toEqual([1, 2]);
	expect(await keys.userOf("x".repeat(64))).toBeNull();
	expect(await keys.userOf("")).toBeNull();
});

test("asking again gives the living key and extends it", async () => {
	const { keys, time } = make();
	const key = await keys.create(1);
	time.advance(50 * MINUTE);
	expect(await keys.create(1)).toBe(key);
	time.advance(50 * MINUTE);
	expect(await keys.userOf(key)).toBe(1);
});

test("lives 60 minutes from when it was extended", async () => {
	const { keys, time } = make();
	const key = await keys.create(1);
	time.advance(LISTEN_KEY_TTL_MS - 1);
	expect(await keys.extend(key)).toBe(true);
	time.advance(LISTEN_KEY_TTL_MS - 1);
	expect(await keys.userOf(key)).toBe(1);
	time.advance(1);
	expect(await keys.userOf(key)).toBeNull();
	expect(await keys.extend(key)).toBe(false);
	expect(await keys.create(1)).not.toBe(key);
});

test("a closed key is gone; the next one is new", async () => {
	const { keys } = make();
	const key = await keys.create(1);
	expect(await keys.close(key)).toBe(true);
	expect(await keys.close(key)).toBe(false);
	expect(await keys.userOf(key)).toBeNull();
	const next = await keys.create(1);
	expect(next).not.toBe(key);
	expect(await keys.userOf(next)).toBe(1);
});

test("a user's key is closed without being named; another's goes on", async () => {
	const { keys } = make();
	const [one, two] = [await keys.create(1), await keys.create(2)];
	await keys.closeOf(1);
	await keys.closeOf(3);
	expect([await keys.userOf(one), await keys.userOf(two)]).toEqual([null, 2]);
	expect(await keys.create(1)).not.toBe(one);
});

test("who asks at once for the first, or for the next of one that is closed, gets the same", async () => {
	const { keys } = make();
	for (let round = 0; round < 2; round += 1) {
		const [one, two] = await Promise.all([keys.create(1), keys.create(1)]);
		expect(one).toBe(two);
		await keys.closeOf(1);
		expect(await keys.userOf(one)).toBeNull();
	}
});

test("one that is closed while it is extended stays closed, and is not the user's", async () => {
	const { keys, keyValue } = make();
	const key = await keys.create(1);
	let next = "";
	const { get } = keyValue;
	keyValue.get = async (name) => {
		const value = await get.call(keyValue, name);
		keyValue.get = get;
		await keys.closeOf(1);
		next = await keys.create(1);
		return value;
	};
	expect(await keys.extend(key)).toBe(false);
	expect(await keys.userOf(key)).toBeNull();
	await keys.closeOf(1);
	expect(await keys.userOf(next)).toBeNull();
});

test("whatever is asked at once, no key of a user survives that the user's is closed", async () => {
	for (let seed = 1; seed <= 300; seed += 1) {
		let state = seed;
		const upTo = (count: number) => {
			state = (state * 48_271) % 2_147_483_647;
			return state % count;
		};
		const { keys, keyValue } = make();
		for (const name of ["get", "set", "replace", "renew", "delete"] as const) {
			const now = keyValue[name].bind(keyValue) as (...args: unknown[]) => Promise<unknown>;
			const late = async (...args: unknown[]) => {
				for (let turns = upTo(6); turns > 0; turns -= 1) await null;
				return now(...args);
			};
			Object.assign(keyValue, { [name]: late });
		}
		const given = [await keys.create(1)];
		const works = {
			create: async () => given.push(await keys.create(1)),
			createToo: async () => given.push(await keys.create(1)),
			extend: () => keys.extend(given[upTo(given.length)] as string),
			close: () => keys.close(given[upTo(given.length)] as string),
			closeOf: () => keys.closeOf(1),
		};
		const many = async (work: () => Promise<unknown>) => {
			for (let n = 0; n < 4; n += 1) await work();
		};
		await Promise.all(Object.values(works).map(many));
		await keys.closeOf(1);
		const living = await Promise.all(given.map((key) => keys.userOf(key)));
		expect({ seed, living }).toEqual({ seed, living: given.map(() => null) });
	}
});

test("bytes that would favour some letters are not used", async () => {
	const time = new ManualTime();
	const keyValue = new InProcessKeyValue({ clock: time, scheduler: time });
	let byte = 240;
	const random = {
		bytes: (count: number) => Uint8Array.from({ length: count }, () => (byte++ % 16) + 240),
	};
	const key = await new StoredListenKeys({ keyValue, random }).create(1);
	expect(new Set(key)).toEqual(new Set("23456789"));
});
