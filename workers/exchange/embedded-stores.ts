import { join } from "node:path";
import { DirectoryArchive } from "../../db/archive/directory-archive.ts";
import { InProcessKeyValue } from "../../db/cache/in-process-key-value.ts";
import { InProcessPubSub } from "../../db/cache/in-process-pubsub.ts";
import { StoredListenKeys } from "../../db/cache/listen-keys.ts";
import { WorkerHistory } from "../../db/history/worker-history.ts";
import type { PostgresSettings } from "../../db/ledger/connection-settings.ts";
import { startEmbeddedPostgres } from "../../db/ledger/embedded/embedded-postgres.ts";
import { LoggedAuditLog } from "../../db/ledger/logged-audit-log.ts";
import { applyMigrations } from "../../db/ledger/migrate.ts";
import { PostgresAuditLog } from "../../db/ledger/postgres-audit-log.ts";
import { PostgresLedger } from "../../db/ledger/postgres-ledger.ts";
import { PostgresUsers } from "../../db/ledger/postgres-users.ts";
import { type FileLog, openFileLog } from "../../db/log/file-log.ts";
import { WorkerOrderLog } from "../../db/order-log/worker-order-log.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Random } from "../../schemas/ports/random.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import type { Stores } from "./core.ts";

export interface EmbeddedStores {
	readonly stores: Stores;
	/** That of the stores, for retention. */
	readonly log: FileLog;
	/** "started" or "adopted", for whoever watches the start. */
	readonly postgres: string;
	/** How that is reached. */
	readonly postgresSettings: PostgresSettings;
	/** Closes everything; PostgreSQL last. */
	close(): Promise<void>;
}

/**
 * The stores of the exchange in one process, all under one data folder whose lock the caller holds:
 * files for the log, SQLite for order log and history, real PostgreSQL for money and users, a folder for snapshots.
 */
export async function openEmbeddedStores(options: {
	readonly dataDir: string;
	readonly partitions: number;
	/** After so much a file of the log is followed by the next one. */
	readonly segmentBytes: number;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly random: Random;
	readonly logger: Logger;
}): Promise<EmbeddedStores> {
	const { dataDir, partitions, segmentBytes, clock, scheduler, random, logger } = options;
	const postgres = await startEmbeddedPostgres({ dataDir, logger });
	const closing: (() => Promise<void> | void)[] = [() => postgres.stop()];
	const close = async () => {
		for (const end of closing.reverse()) await end();
	};
	try {
		await applyMigrations(postgres.settings);
		const ledger = new PostgresLedger(postgres.settings);
		const users = new PostgresUsers(postgres.settings);
		const entries = new PostgresAuditLog(postgres.settings);
		const audit = new LoggedAuditLog(entries, logger);
		closing.push(
			() => ledger.close(),
			() => users.close(),
			() => entries.close(),
		);
		const folder = join(dataDir, "log");
		const log = await openFileLog({ folder, partitions, segmentBytes, scheduler, logger });
		closing.push(() => log.close());
		const orderLog = await WorkerOrderLog.open({
			path: join(dataDir, "order-log.sqlite"),
			scheduler,
		});
		closing.push(() => orderLog.close());
		const history = await WorkerHistory.open({ path: join(dataDir, "history.sqlite"), scheduler });
		closing.push(() => history.close());
		const archive = await DirectoryArchive.open(join(dataDir, "archive"));
		const pubsub = new InProcessPubSub({ scheduler });
		const keyValue = new InProcessKeyValue({ clock, scheduler });
		const listenKeys = new StoredListenKeys({ keyValue, random });
		return {
			stores: {
				...{ orders: log.orders, trades: log.trades, ledger, users, audit },
				...{ orderLog, history, archive, pubsub, keyValue, listenKeys },
			},
			log,
			postgres: postgres.adopted ? "adopted" : "started",
			postgresSettings: postgres.settings,
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}
