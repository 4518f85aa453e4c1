import { InProcessPubSub } from "../../../db/cache/in-process-pubsub.ts";
import type { MemoryDatabase } from "../../../db/ledger/memory-database.ts";
import { MemoryLedger } from "../../../db/ledger/memory-ledger.ts";
import { MemoryLog } from "../../../db/log/memory-log.ts";
import type { OrdersRecord } from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import type { UserEventMessage } from "../../../schemas/user-event.ts";
import { userEvents } from "../../../schemas/user-event-channel.ts";
import { VirtualTime } from "../../shared/testing/virtual-time.ts";
import type { AccountSettings } from "../settings.ts";
import type { AccountState } from "../state.ts";
import { AccountWorker } from "../worker.ts";
import { runningOf } from "./random-venue.ts";
import type { World } from "./world.ts";

/** Everything that both topics have, by partition. */
export interface LogsUntilNow {
	readonly orders: readonly (readonly OrdersRecord[])[];
	readonly trades: readonly (readonly EventRecord[])[];
}

/** What both topics have until now. */
export function logsOf({ orders, trades }: Pick<World, "orders" | "trades">): LogsUntilNow {
	const allOf = <R>(log: MemoryLog<R>) =>
		Array.from({ length: log.partitions }, (_, partition) => log.all(partition));
	return { orders: allOf(orders), trades: allOf(trades) };
}

/** A worker that starts from a ledger and what the logs had then, and hears of what comes later when it is told. */
export interface Twin {
	readonly state: AccountState;
	/** It has the worker's first batch. */
	readonly ledger: MemoryDatabase;
	/** With the worker's epoch. */
	readonly logs: LogsUntilNow;
	/** What it has told of users, from its ledger's position on. */
	readonly told: readonly UserEventMessage[];
	/** More of the topic `trades`, by partition. */
	hear(trades: LogsUntilNow["trades"]): Promise<void>;
}

/** Beside the worker that has the shard, which does not notice: ledger, logs and time are its own. */
export async function startTwin(
	ledger: MemoryDatabase,
	logs: LogsUntilNow,
	shard: number,
	nowMs: number,
	settings: AccountSettings,
): Promise<Twin> {
	const time = new VirtualTime(nowMs);
	const fatal: unknown[] = [];
	const told: UserEventMessage[] = [];
	const pubsub = new InProcessPubSub({ scheduler: time });
	pubsub.subscribe(userEvents, (messages) => told.push(...messages));
	const orders = await copyOf("orders", logs.orders, time);
	const trades = await copyOf("trades", logs.trades, time);
	const worker = new AccountWorker({
		shard,
		...{ orders, trades },
		ledger: new MemoryLedger({ database: ledger, scheduler: time, clock: time }),
		pubsub,
		clock: time,
		scheduler: time,
		random: { bytes: (count) => new Uint8Array(count) },
		logger: { info() {}, warn() {}, error() {} },
		settings,
		exclusive: true,
		onFatal: (error) => fatal.push(error),
	});
	worker.start().catch((error: unknown) => fatal.push(error));
	while (worker["running"] === null) {
		if (fatal.length > 0) throw fatal[0];
		time.step();
		await time.settle();
	}
	const { state } = runningOf(worker).shard;
	const hear = async (more: LogsUntilNow["trades"]): Promise<void> => {
		for (const [partition, records] of more.entries()) {
			if (records.length > 0) void trades.append(partition, records);
		}
		await time.advance(0);
		if (fatal.length > 0) throw fatal[0];
	};
	return { state, ledger, logs: logsOf({ orders, trades }), told, hear };
}

async function copyOf<R>(
	topic: string,
	records: readonly (readonly R[])[],
	scheduler: VirtualTime,
): Promise<MemoryLog<R>> {
	const { length } = records;
	const log = new MemoryLog<R>({ topic, partitions: length, logId: "test", scheduler });
	for (const [partition, all] of records.entries()) void log.append(partition, all);
	await scheduler.advance(0);
	return log;
}
