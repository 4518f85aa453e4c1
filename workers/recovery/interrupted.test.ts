import { expect, test } from "bun:test";
import { previewRecovery, recover } from "./recover.ts";
import { dyingAt, Killed, lostVenue } from "./testing/dying-recovery.ts";
import type { LossyVenue } from "./testing/lossy-venue.ts";
import { soundBooks } from "./testing/sound-books.ts";

async function outcome(venue: LossyVenue) {
	const { database, orderLog, orders } = venue;
	const shards = [0, 1, 2].map((shard) => {
		// Each run raises the epochs anew.
		const { epoch: _, positions, ...state } = database.load(shard);
		const places = positions.map(({ ordersEpoch: __, ...row }) => row);
		return { ...state, places, transfers: database.transfers(shard) };
	});
	const partitions = await Promise.all(
		[0, 1].map(async (partition) => ({
			log: (await venue.finish(orders.read(partition, 0, 10_000))).map(({ record }) =>
				JSON.stringify(record, (key, value) =>
					key === "epoch" ? 0 : typeof value === "bigint" ? `${value}` : value,
				),
			),
			open: await orderLog.openOrders(partition),
			position: await orderLog.position(partition),
			changes: await orderLog.changesAfter(partition, 0),
		})),
	);
	return { shards, partitions };
}

for (const done of [true, false]) {
	test(`killed at any step, ${done ? "after" : "before"} it is done, and run again, it comes to the same`, async () => {
		const whole = await lostVenue();
		await whole.finish(recover(whole.ports(), () => {}));
		const expected = await outcome(whole);
		await whole.finish(recover(whole.ports(), () => {}));
		expect(await outcome(whole)).toEqual(expected);
		await whole.close();
		let steps = 0;
		for (let n = 1; ; n += 1) {
			const venue = await lostVenue();
			const first = await venue.finish(
				recover(dyingAt(venue.ports(), n, done), () => {}).then(
					() => "recovered",
					(error: unknown) => error,
				),
			);
			if (first === "recovered") break;
			expect(first).toBeInstanceOf(Killed);
			steps = n;
			await venue.finish(recover(venue.ports(), () => {}));
			expect(await outcome(venue)).toEqual(expected);
			await venue.start();
			await venue.time.advance(1_000);
			expect(await venue.faults()).toEqual([]);
			await venue.close();
		}
		// Three epochs, six objects of the plan; lines, two changes of orders, one of history in each partition;
		// and of each shard its epoch and its batch.
		expect(steps).toBe(3 + 6 + 2 * (1 + 2 + 1) + 3 * 2);
	}, 120_000);
}

test("killed at any step, and its new log lost as well: the next comes to the same money and books", async () => {
	const whole = await lostVenue();
	await whole.finish(recover(whole.ports(), () => {}));
	const expected = moneyOf(whole);
	await whole.start();
	const { books } = await whole.openIds();
	await whole.close();
	for (let n = 1; ; n += 1) {
		const venue = await lostVenue();
		const dying = recover(dyingAt(venue.ports(), n, n % 2 === 0), () => {});
		const isWhole = await venue.finish(
			dying.then(
				() => true,
				() => false,
			),
		);
		venue.lose();
		const before = await outcome(venue);
		await venue.finish(previewRecovery(venue.ports()));
		expect(await outcome(venue)).toEqual(before);
		await venue.finish(recover(venue.ports(), () => {}));
		expect(moneyOf(venue)).toEqual(expected);
		await venue.start();
		expect(await soundBooks(venue, 1_000)).toEqual(books);
		await venue.close();
		if (isWhole) break;
	}
}, 120_000);

/** What every account has, and what moved it; not at which event the recovery stands. */
function moneyOf({ database }: LossyVenue) {
	return [0, 1, 2].map((shard) => ({
		balances: database.load(shard).balances,
		transfers: database.transfers(shard).map(({ ts: _, ...row }) => row),
	}));
}

test("before the ledger says that it is done, a power cut can take nothing of the order log and history", async () => {
	const venue = await lostVenue();
	const ports = venue.ports();
	const unsynced = new Set<string>();
	const caching = <T extends object>(name: string, store: T): T =>
		new Proxy(store, {
			get(target, property) {
				const method = Reflect.get(target, property);
				if (typeof method !== "function") return method;
				if (property === "write") unsynced.add(name);
				if (property === "sync") unsynced.delete(name);
				return method.bind(target);
			},
		});
	const { commit } = ports.ledger;
	ports.ledger.commit = (...batch) => {
		expect([...unsynced]).toEqual([]);
		return commit.apply(ports.ledger, batch);
	};
	const orderLog = caching("order log", ports.orderLog);
	const history = caching("history", ports.history);
	await venue.finish(recover({ ...ports, orderLog, history }, () => {}));
	expect(venue.database.load(0).logId).toBe(venue.orders.logId);
	await venue.close();
});
