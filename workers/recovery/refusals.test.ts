import { expect, test } from "bun:test";
import { NO_CHANGES } from "../../schemas/ports/ledger.ts";
import { RecoveryImpossible } from "./plan.ts";
import { previewRecovery, type RecoveryPorts, recover } from "./recover.ts";
import { reportOf } from "./report.ts";
import { LossyVenue } from "./testing/lossy-venue.ts";

async function lost(): Promise<LossyVenue> {
	const venue = new LossyVenue(3);
	await venue.open();
	await venue.trade(40);
	venue.cutLedger(1);
	await venue.trade(6);
	venue.lose();
	return venue;
}

async function refusal(venue: LossyVenue, ports: RecoveryPorts): Promise<string> {
	const said: string[] = [];
	for (const attempt of [previewRecovery(ports), recover(ports, () => {})]) {
		const error = await venue.finish(attempt.catch((thrown: unknown) => thrown));
		expect(error).toBeInstanceOf(RecoveryImpossible);
		said.push((error as Error).message);
	}
	expect(said[0]).toBe(said[1] as string);
	return said[0] as string;
}

test("a log that has something is not recovered over", async () => {
	const venue = await lost();
	const line = { shard: 1, epoch: 9, ts: 1, command: null };
	await venue.finish(venue.orders.append(1, [line]));
	expect(await refusal(venue, venue.ports())).toContain("orders 1 has 1 records");
	await venue.close();
});

test("a venue that never was has nothing to recover", async () => {
	const venue = new LossyVenue(3);
	expect(await refusal(venue, venue.ports())).toContain("never seen a log");
	await venue.close();
});

test("the wrong number of shards is missed", async () => {
	const venue = await lost();
	const ports = { ...venue.ports(), accountShards: 3 };
	expect(await refusal(venue, ports)).toContain("shard 3 of 3 has never been in the ledger");
	await venue.close();
});

test("a ledger of which one shard is of another moment is left alone", async () => {
	const venue = await lost();
	const { database } = venue;
	const state = database.load(2);
	const batch = state.batch + 1;
	const epoch = database.raiseEpoch(2, 0);
	const clearing = { accountId: -100, assetId: 1, available: 7n, held: 0n };
	const logId = state.logId ?? "";
	database.commit(2, { ...NO_CHANGES, epoch, batch, balances: [clearing], logId });
	expect(await refusal(venue, venue.ports())).toContain("clearing of partition 0");
	await venue.close();
});

test("who writes to the ledger beside it is missed", async () => {
	const venue = await lost();
	const ports = venue.ports();
	const ledger: RecoveryPorts["ledger"] = {
		...{ load: (shard) => ports.ledger.load(shard) },
		positions: (shard) => ports.ledger.positions(shard),
		transfersAfter: (...at) => ports.ledger.transfersAfter(...at),
		commit: (shard, batch) => ports.ledger.commit(shard, batch),
		raiseEpoch: async (shard, atLeast) => {
			const epoch = await ports.ledger.raiseEpoch(shard, atLeast);
			// Somebody else has taken it over before the batch arrives.
			if (epoch > 2 && shard === 1) venue.database.raiseEpoch(shard, 0);
			return epoch;
		},
		access: () => ports.ledger.access(),
		clockMs: () => ports.ledger.clockMs(),
		close: () => ports.ledger.close(),
	};
	const error = await venue.finish(
		recover({ ...ports, ledger }, () => {}).catch((thrown: unknown) => thrown),
	);
	expect(String(error)).toContain("shard 1 was taken over");
	// The next attempt comes through.
	await venue.finish(recover(ports, () => {}));
	await venue.start();
	expect(await venue.faults()).toEqual([]);
	await venue.close();
});

test("the report tells each order, and each transfer in the venue's words", async () => {
	const venue = await lost();
	const plan = await venue.finish(previewRecovery(venue.ports()));
	const lines = reportOf(plan, true).join("\n");
	for (const { changes } of plan.shards) {
		for (const { orderId, clientOrderId } of changes.openOrders) {
			expect(lines).toContain(`order ${orderId} (${clientOrderId}) of user `);
		}
		for (const { order, why } of changes.ended) {
			expect(lines).toMatch(new RegExp(`order ${order.orderId} .*: ${why}`));
		}
	}
	const unknown = plan.partitions.flatMap((partition) => partition.unknownTrades);
	expect(unknown.length).toBeGreaterThan(0);
	for (const { half } of unknown) {
		expect(lines).toMatch(
			new RegExp(`TRANSFER: trade ${half.tradeId} of (BTCUSDT|ETHBTC) .*pays in \\d+\\.\\d{8} `),
		);
	}
	expect(reportOf(plan, false).length).toBeLessThan(reportOf(plan, true).length);
	await venue.close();
});

test("from a machine whose clock is off nothing is written: its time would be the new log's for good", async () => {
	const venue = await lost();
	const { time, ...ports } = { ...venue.ports(), time: venue.time };
	const hourAhead = {
		nowMs: () => time.nowMs() + 3_600_000,
		monotonicMs: () => time.monotonicMs(),
	};
	const off = venue.finish(recover({ ...ports, clock: hourAhead }, () => {}));
	await expect(off).rejects.toThrow("3600000 ms ahead");
	await venue.finish(recover(ports, () => {}));
	await venue.start();
	expect(await venue.faults()).toEqual([]);
	await venue.close();
});
