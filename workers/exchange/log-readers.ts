import type { LogOffsets } from "../../db/log/file-log.ts";
import { type OrdersRecord, VENUE_SHARD } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { History } from "../../schemas/ports/history.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { OrderLog } from "../../schemas/ports/order-log.ts";
import { Snapshots } from "../market-data/snapshots.ts";
import { lastPublished } from "../matching/published-records.ts";
import { snapshotPositions } from "../matching/snapshot.ts";
import { LATE_COPIES } from "../shared/newest-records.ts";

/** A start must not hang on one snapshot: what is read from the older of two stays. */
const SNAPSHOTS = 2;
/**
 * Records before a reader's position that stay, too: it looks at the one before, and matching that far back for
 * the newest record of `trades`.
 */
const MARGIN = LATE_COPIES;

/** Where everyone who reads the log keeps how far he is. */
export interface LogReaderPorts {
	readonly orders: Log<OrdersRecord>;
	readonly trades: Log<EventRecord>;
	readonly ledger: Ledger;
	readonly orderLog: OrderLog;
	readonly history: History;
	readonly archive: Archive;
	readonly logger: Logger;
	/** Beside the venue's own shard. */
	readonly accountShards: number;
}

/** From where one reader goes on in a partition after whatever happens. */
interface Reader {
	readonly ordersOffset: number;
	readonly tradesOffset: number;
}

/** A reader that has never said how far it is. */
const EVERYTHING: Reader = { ordersOffset: 0, tradesOffset: 0 };
/** Of a topic that a reader leaves alone. */
const UNREAD = Number.POSITIVE_INFINITY;

/**
 * The oldest records that any reader may still ask for, by partition: after a kill, a power cut, and with one
 * snapshot lost. Whoever has never said how far he is needs everything.
 *
 * @param margin records that stay before a reader's position; one at least
 * @throws what a port throws: then nothing is known, and nothing may go
 */
export async function neededOffsets(ports: LogReaderPorts, margin = MARGIN): Promise<LogOffsets> {
	const orders: number[] = [];
	const trades: number[] = [];
	for (let partition = 0; partition < ports.orders.partitions; partition += 1) {
		const readers = [
			...(await ledgerReaders(ports, partition)),
			...(await matchingReaders(ports, partition)),
			...(await marketDataReaders(ports, partition)),
			await orderLogReader(ports, partition),
		];
		const lowest = (topic: keyof Reader) =>
			Math.max(0, Math.min(...readers.map((reader) => reader[topic])) - margin);
		orders.push(lowest("ordersOffset"));
		trades.push(lowest("tradesOffset"));
	}
	// Only now: what was read of them must be what a power cut leaves.
	await Promise.all([ports.orderLog.sync(), ports.history.sync()]);
	return { orders, trades };
}

/** Account workers and the venue: committed with the money. */
async function ledgerReaders(ports: LogReaderPorts, partition: number): Promise<Reader[]> {
	const readers: Reader[] = [];
	for (let shard = VENUE_SHARD; shard <= ports.accountShards; shard += 1) {
		const { positions } = await ports.ledger.positions(shard);
		readers.push(positions.find((row) => row.partition === partition) ?? EVERYTHING);
	}
	return readers;
}

async function matchingReaders(
	ports: LogReaderPorts,
	partition: number,
): Promise<readonly Reader[]> {
	const { archive, orders, trades } = ports;
	const published = await lastPublished(trades, partition);
	const positions = await snapshotPositions(archive, orders.logId, partition, published);
	return positions.length < SNAPSHOTS ? [EVERYTHING] : positions;
}

async function marketDataReaders(ports: LogReaderPorts, partition: number): Promise<Reader[]> {
	const offsets = await new Snapshots(partition, ports).offsets(ports.trades);
	const needed = offsets.length < SNAPSHOTS ? [0] : offsets;
	return needed.map((tradesOffset) => ({ ordersOffset: UNREAD, tradesOffset }));
}

async function orderLogReader({ orderLog }: LogReaderPorts, partition: number): Promise<Reader> {
	const { tradesOffset } = await orderLog.position(partition);
	return { ordersOffset: UNREAD, tradesOffset };
}
