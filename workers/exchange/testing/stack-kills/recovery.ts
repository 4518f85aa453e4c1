import { ApiClient } from "../api-client.ts";
import type { TestUser } from "../running-exchange.ts";
import { type StackUnderTest, shardOf } from "./stack-under-test.ts";

/** A market of each partition. */
const SYMBOLS = ["BTCUSDT", "ETHUSDT"] as const;
const PRICES = { BTCUSDT: "30000", ETHUSDT: "1500" } as const;
const EVERY_MS = 20;
const CALL_MS = 15_000;
const GIVE_UP_MS = 120_000;

/** When orders were answered again, ms after the strike. */
export interface Recovery {
	/** By shard, on whichever partition it was first. */
	readonly shards: ReadonlyMap<number, number>;
	/** By partition, for whichever shard it was first. */
	readonly partitions: ReadonlyMap<number, number>;
}

/**
 * Places orders without end on every partition for a user of every shard, a new one each 20 ms whether
 * those before were answered or not, until each pair had one answered that was sent after now.
 */
export async function recovery(
	exchange: StackUnderTest,
	users: readonly TestUser[],
): Promise<Recovery> {
	const from = performance.now();
	const shards = new Map<number, number>();
	const partitions = new Map<number, number>();
	const pairs = [...new Map(users.map((user) => [shardOf(user), user]))].flatMap(([shard, user]) =>
		SYMBOLS.map(async (symbol, partition) => {
			const ms = (await firstAnswer(new ApiClient(exchange.url, user), symbol)) - from;
			shards.set(shard, Math.min(ms, shards.get(shard) ?? ms));
			partitions.set(partition, Math.min(ms, partitions.get(partition) ?? ms));
		}),
	);
	await Promise.all(pairs);
	return { shards, partitions };
}

/** The time at which the first order was answered. */
function firstAnswer(api: ApiClient, symbol: (typeof SYMBOLS)[number]): Promise<number> {
	const from = performance.now();
	return new Promise((resolve, reject) => {
		const timer = setInterval(async () => {
			if (performance.now() - from > GIVE_UP_MS) {
				clearInterval(timer);
				reject(new Error(`no order on ${symbol} was answered within ${GIVE_UP_MS} ms`));
				return;
			}
			if (!(await isAnswered(api, symbol))) return;
			clearInterval(timer);
			resolve(performance.now());
		}, EVERY_MS);
	});
}

/** An order that trades with nobody and rests nowhere. */
async function isAnswered(api: ApiClient, symbol: (typeof SYMBOLS)[number]): Promise<boolean> {
	const order = api.call("POST", "/api/v3/order", {
		...{ symbol, side: "BUY", type: "LIMIT", timeInForce: "IOC" },
		...{ quantity: "0.01", price: PRICES[symbol] },
	});
	const late = Bun.sleep(CALL_MS).then(() => null);
	const reply = await Promise.race([order.catch(() => null), late]);
	return reply?.status === 200;
}
