import { expect, test } from "bun:test";
import { join } from "node:path";
import { InProcessPubSub } from "../../db/cache/in-process-pubsub.ts";
import {
	openWithTrade,
	UNKNOWN_EVENT,
	UNKNOWN_EVENT_TOLD,
} from "../../db/log/testing/log-files.ts";
import { temporaryFolder } from "../../db/testing/temporary-folder.ts";
import { turnScheduler } from "../../db/testing/turn-scheduler.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { OrderLog } from "../../schemas/ports/order-log.ts";
import { PartitionWriter } from "./partition-writer.ts";

const folder = temporaryFolder();
const logger: Logger = { info() {}, warn() {}, error() {} };

test("an event of a kind that it does not know ends its start, and is not waited for", async () => {
	const log = await openWithTrade(join(folder, "log"), UNKNOWN_EVENT);
	const writer = new PartitionWriter({
		...{ partition: 0, trades: log.trades, scheduler: turnScheduler, logger },
		ledger: {
			load: async () => ({ config: { assets: [], symbols: [] }, positions: [] }),
		} as unknown as Ledger,
		orderLog: { position: async () => ({ tradesOffset: 1 }) } as unknown as OrderLog,
		pubsub: new InProcessPubSub({ scheduler: turnScheduler }),
		onFatal: () => {},
	});
	const error = (await writer.start().catch((reason: unknown) => reason)) as Error;
	expect(error).toBeInstanceOf(InvariantViolation);
	expect(error.message).toMatch(UNKNOWN_EVENT_TOLD);
	await log.close();
});
