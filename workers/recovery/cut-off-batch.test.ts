import { expect, test } from "bun:test";
import { fillOf } from "../../db/order-log/testing/order-log-records.ts";
import type { Fill } from "../../schemas/order-state.ts";
import { shardOfUser } from "../../schemas/ports/users.ts";
import { recover } from "./recover.ts";
import { lostVenue } from "./testing/dying-recovery.ts";
import { SHARDS } from "./testing/lossy-venue.ts";

test("of a write to the order log that was cut off stays what the ledger knows of, and nothing else", async () => {
	const venue = await lostVenue();
	const shards = [0, 1, 2].map((shard) => venue.database.load(shard));
	const left: Fill[] = [];
	const known: Fill[] = [];
	for (const userId of [1, 2, 3, 4]) {
		for (const partition of [0, 1]) {
			const state = shards[shardOfUser(userId, SHARDS)];
			const evSeq = state?.positions.find((row) => row.partition === partition)?.evSeq ?? 0;
			const at = { userId, partition, symbolId: 1 + partition };
			const [last, next] = [evSeq, evSeq + 1].map((n) => fillOf(n, n, { ...at, evSeq: n }));
			left.push(last as Fill, next as Fill);
			known.push(last as Fill);
		}
	}
	const ports = venue.ports();
	const { orderLog } = ports;
	// Both partitions are asked of all rows, as by a table that has them all.
	const stays = new Set(left);
	orderLog.dropUnfinished = async (_partition, isLost) => {
		for (const fill of left) if (isLost(fill)) stays.delete(fill);
		return left.length - stays.size;
	};
	await venue.finish(recover(ports, () => {}));
	expect([...stays]).toEqual(known);
	await venue.close();
});
