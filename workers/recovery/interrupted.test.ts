import { expect, test } from "bun:test";
import { type RecoveryPorts, recover } from "./recover.ts";
import { LossyVenue } from "./testing/lossy-venue.ts";

/** What a recovery changes with, one call after the other. */
const CHANGES: { readonly [P in keyof RecoveryPorts]?: readonly string[] } = {
	archive: ["put"],
	orders: ["append"],
	orderLog: ["write"],
	history: ["write"],
	ledger: ["raiseEpoch", "commit"],
};

class Killed extends Error {}

/** Ports whose n-th change is the last: it is done or not, and nobody hears of it. */
function dyingAt(ports: RecoveryPorts, n: number, done: boolean): RecoveryPorts {
	let changes = 0;
	const dying = { ...ports } as Record<string, unknown>;
	for (const [name, methods] of Object.entries(CHANGES)) {
		dying[name] = new Proxy(ports[name as keyof RecoveryPorts] as object, {
			get(target, property) {
				const method = Reflect.get(target, property);
				if (typeof method !== "function") return method;
				if (!methods.includes(property as string)) return method.bind(target);
				return async (...args: unknown[]) => {
					changes += 1;
					if (changes === n && done) await method.apply(target, args);
					if (changes >= n) throw new Killed();
					return method.apply(target, args);
				};
			},
		});
	}
	return dying as unknown as RecoveryPorts;
}

/** The same venue every time, its stores at different events, its log gone. */
async function lostVenue(): Promise<LossyVenue> {
	const venue = new LossyVenue(5);
	await venue.open();
	await venue.trade(40);
	venue.cutLedger(2);
	await venue.trade(5);
	venue.cutOrderLog(1);
	await venue.trade(5);
	venue.cutMatching();
	await venue.trade(2);
	venue.lose();
	return venue;
}

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
		// Three epochs, six objects of the plan; lines, two writes of orders, one of history in each partition;
		// and of each shard its epoch and its batch.
		expect(steps).toBe(3 + 6 + 2 * (1 + 2 + 1) + 3 * 2);
	}, 120_000);
}
