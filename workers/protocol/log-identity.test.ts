import { expect, test } from "bun:test";
import { InProcessPubSub } from "../../db/cache/in-process-pubsub.ts";
import { MemoryLog } from "../../db/log/memory-log.ts";
import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { NO_CHANGES } from "../../schemas/ports/ledger.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { defaultAccountSettings } from "../accounts/settings.ts";
import { AccountWorker } from "../accounts/worker.ts";
import { OrderLogWorker } from "../order-log/worker.ts";
import { LossyVenue, PARTITIONS, SHARDS } from "../recovery/testing/lossy-venue.ts";
import { VenueWorker } from "../venue/worker.ts";
import { checkLogOfLedger, logIdOf } from "./log-identity.ts";

const logger = { info() {}, warn() {}, error() {} };

/** The same records at the same offsets, in a log of another name: nothing in it can tell that it is another. */
async function twinOf<R>(log: MemoryLog<R>, venue: LossyVenue): Promise<MemoryLog<R>> {
	const { topic, partitions } = log;
	const twin = new MemoryLog<R>({ topic, partitions, logId: "another", scheduler: venue.time });
	for (let partition = 0; partition < partitions; partition += 1) {
		await venue.finish(twin.append(partition, log.all(partition)));
	}
	return twin;
}

/** A venue that has traded and is dead, what a worker of it is made with, and its log's twin. */
async function scene() {
	const venue = new LossyVenue(3);
	await venue.open();
	await venue.trade(20);
	await venue.time.advance(3_000);
	venue.kill();
	const { time } = venue;
	const orders: MemoryLog<OrdersRecord> = await twinOf(venue.orders, venue);
	const trades: MemoryLog<EventRecord> = await twinOf(venue.trades, venue);
	const { ledger, orderLog } = venue.ports();
	const pubsub = new InProcessPubSub({ scheduler: time });
	const onFatal = () => {};
	const common = { ...{ orders, trades, clock: time, scheduler: time, logger, onFatal }, pubsub };
	const ends = async () =>
		Promise.all([0, 1].map((partition) => venue.finish(orders.end(partition))));
	return { venue, orders, trades, ledger, orderLog, common, ends };
}

const OTHER =
	"stands in the log first, and this is the log another: another log was put in its place";

test("the venue and an account worker refuse a log that their ledger is not of, and write nothing to it", async () => {
	const { venue, ledger, common, ends } = await scene();
	const before = await ends();
	const workers = [
		new VenueWorker({ ...common, ledger }),
		new AccountWorker({
			...{ ...common, shard: 1, ledger, exclusive: true },
			random: { bytes: (count: number) => new Uint8Array(count) },
			settings: { ...defaultAccountSettings, accountShards: SHARDS, orderLimits: [] },
		}),
	];
	for (const worker of workers) {
		const refused = await venue.finish(worker.start().catch((error: unknown) => error));
		expect(refused).toBeInstanceOf(InvariantViolation);
		expect(String(refused)).toContain(OTHER);
		expect(String(refused)).toContain("docs/runbooks/log-lost.md");
	}
	expect(await ends()).toEqual(before);
	await venue.close();
});

test("the order log's worker refuses another log than the order log is of", async () => {
	const { venue, orderLog, common } = await scene();
	const worker = new OrderLogWorker({
		...{ ...common, orderLog, venue: new VenueConfig() },
		partitions: Array.from({ length: PARTITIONS }, (_, p) => p),
	});
	await expect(venue.finish(worker.start())).rejects.toThrow(
		`partition 0 of the order log ${OTHER}`,
	);
	await venue.close();
});

test("the whole ledger is held to one log before anybody starts", async () => {
	const { venue, orders, trades, ledger } = await scene();
	const held = (topics: Parameters<typeof checkLogOfLedger>[0]) =>
		venue.finish(checkLogOfLedger(topics, ledger, SHARDS, venue.time));
	await expect(held({ orders, trades })).rejects.toThrow(`shard 0 of the ledger ${OTHER}`);
	// On Kafka each topic has an identity of its own: one of the two may have been made anew.
	await expect(held({ orders: venue.orders, trades })).rejects.toThrow(
		"stands in the log first, and this is the log first another",
	);
	await held(venue);
	await venue.close();
});

test("who has never named its log, as before logs were named, names this one with its next batch", async () => {
	const { venue } = await scene();
	const { database } = venue;
	const commit = database.commit.bind(database);
	expect(database.positions(1).logId).toBe(logIdOf(venue));
	for (const shard of [0, 1, 2]) {
		const { epoch, batch } = database.load(shard);
		const logId = null as unknown as string;
		commit(shard, { ...NO_CHANGES, epoch, batch: batch + 1, logId });
		expect(database.positions(shard).logId).toBeNull();
	}
	await venue.start();
	await venue.time.advance(6_000);
	for (const shard of [0, 1, 2]) expect(database.positions(shard).logId).toBe("first");
	expect(await venue.faults()).toEqual([]);
	await venue.close();
});
