import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { ThreadGone } from "../thread/thread-client.ts";
import { orderLogContract } from "./order-log-contract.ts";
import { endedState, fillOf, NOTHING } from "./testing/order-log-records.ts";
import { WorkerOrderLog } from "./worker-order-log.ts";

const folder = temporaryFolder();
let files = 0;

function open(): Promise<WorkerOrderLog> {
	files += 1;
	return WorkerOrderLog.open({
		path: join(folder, `${files}.sqlite`),
		scheduler: turnScheduler,
	});
}

orderLogContract("SQLite on a thread", open);

const empty = { ...NOTHING, partition: 0, evSeq: 1, logId: "log", tradesOffset: 1 };

test("errors of the thread reach the caller, and only that caller", async () => {
	const log = await open();
	const spoiled = { ...fillOf(7, 4), feeAssetId: null as unknown as number };
	const [bad, good] = await Promise.allSettled([
		log.write({ ...empty, fills: [spoiled] }),
		log.write({ ...empty, orders: [endedState(4)] }),
	]);
	expect(bad.status === "rejected" && bad.reason.message).toMatch(/NOT NULL/);
	expect(good.status).toBe("fulfilled");
	expect((await log.orderById(1, 1, 4))?.orderId).toBe(4);
	await log.close();
});

test("a file that cannot be opened is an error at once", async () => {
	const path = join("/dev/null", "x.sqlite");
	await expect(WorkerOrderLog.open({ path, scheduler: turnScheduler })).rejects.toThrow(/mkdir/);
});

test("what was asked before closing is done; afterwards the thread is gone", async () => {
	const log = await open();
	const written = log.write(empty);
	await log.close();
	await written;
	await log.close();
	await expect(log.position(0)).rejects.toBeInstanceOf(ThreadGone);
});
