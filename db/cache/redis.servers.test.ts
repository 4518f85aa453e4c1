import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { LocalServer } from "../../infra/local/local-server.ts";
import { startRedis } from "../../infra/local/redis.ts";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import type { Channel } from "../../schemas/ports/pubsub.ts";
import { silentLogger } from "../ledger/contract/silent-logger.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { keyValueContract } from "./key-value-contract.ts";
import { StoredListenKeys } from "./listen-keys.ts";
import { marketCacheContract } from "./market-cache-contract.ts";
import { pubSubContract } from "./pubsub-contract.ts";
import type { RedisSettings } from "./redis-connection.ts";
import { RedisKeyValue } from "./redis-key-value.ts";
import { RedisMarketCache } from "./redis-market-cache.ts";
import { RedisPubSub } from "./redis-pubsub.ts";

const folder = join(temporaryFolder(), "redis");
let server: LocalServer;
let settings: RedisSettings;
let admin: Redis;

async function start(port?: number): Promise<void> {
	const say = (line: string) => console.error(line);
	server = await startRedis({ folder, say, ...(port === undefined ? {} : { port }) });
}

beforeAll(async () => {
	await start();
	const address = { host: "127.0.0.1", port: server.port, tls: false, credentials: null };
	settings = { ...address, prefix: "venue:" };
	admin = new Redis({ host: settings.host, port: settings.port });
	// Redis comes and goes in these tests; the commands wait.
	admin.on("error", () => {});
});

afterAll(async () => {
	admin.disconnect();
	await server.stop();
});

keyValueContract("Redis", async () => {
	await admin.flushall();
	const keyValue = await RedisKeyValue.open(settings, silentLogger);
	return {
		keyValue,
		// Redis goes by the real clock: instead of waiting, everything ends so much sooner.
		async pass(ms) {
			for (const key of await admin.keys("*")) {
				const leftMs = await admin.pttl(key);
				if (leftMs > 0) await admin.pexpire(key, leftMs - ms);
			}
		},
		close: async () => keyValue.close(),
	};
});

marketCacheContract("Redis", async () => {
	await admin.flushall();
	const cache = await RedisMarketCache.open(settings, silentLogger);
	const other = await RedisMarketCache.open(settings, silentLogger);
	return {
		...{ cache, other },
		flush: async () => void (await admin.flushall()),
		async close() {
			cache.close();
			other.close();
		},
	};
});

pubSubContract("Redis", async () => {
	const pubsub = await RedisPubSub.open(settings, silentLogger);
	return {
		pubsub,
		subscribed: () => pubsub.subscribed(),
		close: async () => pubsub.close(),
	};
});

/** A way to Redis that may be lost without a word to either end, as a machine that dies loses it; new ones are not. */
async function wayTo({ host, port, ...rest }: RedisSettings) {
	const ways: { readonly here: Socket; readonly there: Socket }[] = [];
	let leadsTo = port;
	const door = createServer((here) => {
		const there = connect(leadsTo, host);
		for (const end of [here, there]) end.on("error", () => {});
		here.pipe(there).pipe(here);
		ways.push({ here, there });
	});
	await new Promise<void>((resolve) => door.listen(0, host, resolve));
	return {
		settings: { host, port: (door.address() as AddressInfo).port, ...rest },
		leadTo(other: number) {
			leadsTo = other;
		},
		fallSilent() {
			for (const { here, there } of ways) {
				here.unpipe().pause();
				there.unpipe().pause();
			}
		},
		close() {
			for (const { here, there } of ways) for (const end of [here, there]) end.destroy();
			door.close();
		},
	};
}

const numbers: Channel<number> = {
	name: "numbers",
	codec: {
		encode: (n) => `${n}`,
		decode(text) {
			if (!/^\d+$/.test(text)) throw new RangeError("not a number");
			return Number(text);
		},
	},
};

describe("Redis", () => {
	test("listen keys are kept there", async () => {
		const keyValue = await RedisKeyValue.open(settings, silentLogger);
		const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
		const keys = new StoredListenKeys({ keyValue, random });
		const key = await keys.create(7);
		expect(await keys.create(7)).toBe(key);
		expect([await keys.userOf(key), await keys.extend(key)]).toEqual([7, true]);
		expect([await keys.close(key), await keys.close(key)]).toEqual([true, false]);
		expect(await keys.userOf(key)).toBeNull();
		keyValue.close();
	});

	test("a counter's time to live is never lost, nor made longer", async () => {
		const keyValue = await RedisKeyValue.open(settings, silentLogger);
		await keyValue.increment("counter", 1, 60_000);
		await keyValue.increment("counter", 1, 600_000);
		const left = await admin.pttl("venue:counter");
		expect(left).toBeGreaterThan(0);
		expect(left).toBeLessThanOrEqual(60_000);
		keyValue.close();
	});

	test("a message that is not of its channel's kind is dropped", async () => {
		const pubsub = await RedisPubSub.open(settings, silentLogger);
		const seen: number[] = [];
		await new Promise<void>((resolve) => {
			pubsub.subscribe(numbers, (n) => {
				seen.push(n);
				resolve();
			});
			void pubsub.subscribed().then(async () => {
				await admin.publish("venue:numbers", "not one");
				await admin.publish("venue:numbers", "2");
			});
		});
		expect(seen).toEqual([2]);
		pubsub.close();
	});

	test("away, its calls fail by a name of theirs; back, subscriptions hold again", async () => {
		const keyValue = await RedisKeyValue.open(settings, silentLogger);
		const pubsub = await RedisPubSub.open(settings, silentLogger);
		const seen: number[] = [];
		let heard = () => {};
		const listen = (channel: Channel<number>) =>
			pubsub.subscribe(channel, (n) => {
				seen.push(n);
				heard();
			});
		listen(numbers);
		await pubsub.subscribed();
		process.kill(server.pid, "SIGKILL");
		await server.stop();
		await expect(keyValue.get("a")).rejects.toBeInstanceOf(KeyValueUnavailable);
		await expect(keyValue.increment("a", 1, 1_000)).rejects.toBeInstanceOf(KeyValueUnavailable);
		pubsub.publish(numbers, 1);
		// Asked for while Redis is away.
		listen({ ...numbers, name: "more numbers" });
		await start(settings.port);
		while ((await admin.pubsub("NUMSUB", "venue:numbers", "venue:more numbers"))[3] !== 1);
		for (const name of ["numbers", "more numbers"]) {
			while (!seen.includes(name.length)) {
				const next = new Promise<void>((resolve) => {
					heard = resolve;
				});
				pubsub.publish({ ...numbers, name }, name.length);
				await Promise.race([next, admin.ping()]);
			}
		}
		expect([...new Set(seen)].sort()).toEqual(["more numbers".length, "numbers".length]);
		let value: string | null = "unknown";
		while (value === "unknown") value = await keyValue.get("a").catch(() => "unknown");
		expect(value).toBeNull();
		keyValue.close();
		pubsub.close();
	});

	test("that something may have been lost is told by who could not hear, and by who could not publish", async () => {
		const [hears, publishes] = [
			await RedisPubSub.open(settings, silentLogger),
			await RedisPubSub.open(settings, silentLogger),
		];
		const seen: number[] = [];
		hears.subscribe(numbers, (n) => seen.push(n));
		let losses = 0;
		const unsubscribe = hears.onLoss(() => {
			losses += 1;
			admin.publish("venue:numbers", `${losses}`);
		});
		await hears.subscribed();
		await admin.call("CLIENT", "KILL", "TYPE", "pubsub");
		// It is heard again by the time that it is told.
		while (!seen.includes(1)) await admin.ping();
		expect(losses).toBe(1);
		await admin.call("CLIENT", "KILL", "TYPE", "normal");
		publishes.publish(numbers, 100);
		while (!seen.includes(2)) await admin.ping();
		expect(losses).toBe(2);
		unsubscribe();
		hears.close();
		publishes.close();
	});

	test("a subscription that Redis was too busy to take is made good, and that something may be lost is told", async () => {
		const warnings: string[] = [];
		const pubsub = await RedisPubSub.open(settings, {
			...silentLogger,
			warn: (message) => warnings.push(message),
		});
		let losses = 0;
		pubsub.onLoss(() => {
			losses += 1;
		});
		await pubsub.subscribed();
		await admin.config("SET", "busy-reply-threshold", "1");
		const runaway = new Redis({ host: settings.host, port: settings.port });
		const ended = runaway.eval("while true do end", 0).catch(() => {});
		const isBusy = () =>
			admin.get("a").then(
				() => false,
				(error: Error) => error.message.startsWith("BUSY"),
			);
		while (!(await isBusy()));
		const seen: number[] = [];
		pubsub.subscribe(numbers, (n) => seen.push(n));
		await pubsub.subscribed();
		await admin.call("SCRIPT", "KILL");
		await ended;
		for (let n = 1; losses === 0 || seen.length === 0; n += 1) {
			await admin.publish("venue:numbers", `${n}`);
		}
		expect(losses).toBe(1);
		expect(warnings).toEqual(["Redis did not subscribe"]);
		await admin.config("SET", "busy-reply-threshold", "5000");
		runaway.disconnect();
		pubsub.close();
	}, 15_000);

	test("opened while Redis is away, they work when it is back", async () => {
		await server.stop();
		const keyValue = await RedisKeyValue.open(settings, silentLogger);
		const pubsub = await RedisPubSub.open(settings, silentLogger);
		await expect(keyValue.get("a")).rejects.toBeInstanceOf(KeyValueUnavailable);
		const heard = new Promise((resolve) => pubsub.subscribe(numbers, resolve));
		await start(settings.port);
		while ((await admin.pubsub("NUMSUB", "venue:numbers"))[1] !== 1);
		await admin.publish("venue:numbers", "7");
		expect(await heard).toBe(7);
		while (
			!(await keyValue.set("a", "1", 60_000).then(
				() => true,
				() => false,
			))
		);
		expect(await keyValue.get("a")).toBe("1");
		pubsub.close();
		keyValue.close();
	});

	test("a connection that says nothing more and does not close is given up for another", async () => {
		const way = await wayTo(settings);
		const keyValue = await RedisKeyValue.open(way.settings, silentLogger);
		const pubsub = await RedisPubSub.open(way.settings, silentLogger);
		let [heard, isHeard] = [0, false];
		pubsub.subscribe(numbers, (n) => {
			heard = n;
		});
		await pubsub.subscribed();
		way.fallSilent();
		let value: string | null = null;
		while (value === null) {
			await keyValue.set("a", "1", 60_000).catch(() => {});
			value = await keyValue.get("a").catch(() => null);
			// Others have their turn: where it is known to be away, nothing is waited for.
			await admin.ping();
		}
		while (!isHeard) {
			pubsub.publish(numbers, 7);
			await admin.ping();
			isHeard = heard === 7;
		}
		keyValue.close();
		pubsub.close();
		way.close();
	});

	test("a server that has become a replica is left for the one that has taken its place", async () => {
		const successor = await startRedis({ folder: `${folder}-successor` });
		const way = await wayTo(settings);
		const keyValue = await RedisKeyValue.open(way.settings, silentLogger);
		const pubsub = await RedisPubSub.open(way.settings, silentLogger);
		await keyValue.set("a", "before", 60_000);
		// The name leads to the other from now on; connections that are open stay where they are.
		way.leadTo(successor.port);
		await admin.replicaof(settings.host, successor.port);
		const others = await RedisPubSub.open(way.settings, silentLogger);
		let heard = 0;
		others.subscribe(numbers, (n) => {
			heard = n;
		});
		await others.subscribed();
		let isSet = false;
		while (!isSet) {
			isSet = await keyValue.set("a", "after", 60_000).then(
				() => true,
				() => false,
			);
			await admin.ping();
		}
		while (heard === 0) {
			pubsub.publish(numbers, 7);
			await admin.ping();
		}
		const there = new Redis({ host: settings.host, port: successor.port });
		expect(await there.get("venue:a")).toBe("after");
		await admin.replicaof("NO", "ONE");
		there.disconnect();
		for (const one of [keyValue, pubsub, others, way]) one.close();
		await successor.stop();
	});

	test("venues that share a server share nothing on it", async () => {
		const other = { ...settings, prefix: "other:" };
		const [mine, theirs] = [
			await RedisKeyValue.open(settings, silentLogger),
			await RedisKeyValue.open(other, silentLogger),
		];
		await mine.set("shared", "mine", 60_000);
		expect(await theirs.get("shared")).toBeNull();
		const [ours, others] = [
			await RedisPubSub.open(settings, silentLogger),
			await RedisPubSub.open(other, silentLogger),
		];
		const seen: string[] = [];
		const heard = new Promise<void>((resolve) => {
			others.subscribe(numbers, () => seen.push("other"));
			ours.subscribe(numbers, () => {
				seen.push("mine");
				resolve();
			});
		});
		await Promise.all([ours.subscribed(), others.subscribed()]);
		ours.publish(numbers, 1);
		await heard;
		expect(seen).toEqual(["mine"]);
		const [books, theirBooks] = [
			await RedisMarketCache.open(settings, silentLogger),
			await RedisMarketCache.open(other, silentLogger),
		];
		await books.store(0, "run", 5, [["depth", "mine"]]);
		expect(await theirBooks.load(0, "depth")).toBeNull();
		await theirBooks.store(0, "their run", 9, [["depth", "theirs"]]);
		expect(await books.load(0, "depth")).toEqual({ evSeq: 5, text: "mine" });
		for (const one of [mine, theirs, ours, others, books, theirBooks]) one.close();
	});
});
