import { S3Archive } from "../../db/archive/s3-archive.ts";
import { ArchiveHistory } from "../../db/history/archive-history.ts";
import type { PostgresSettings } from "../../db/ledger/connection-settings.ts";
import { PostgresAuditLog } from "../../db/ledger/postgres-audit-log.ts";
import { PostgresLedger } from "../../db/ledger/postgres-ledger.ts";
import { holdToVenueNumbers } from "../../db/ledger/venue-numbers.ts";
import { KafkaLog } from "../../db/log/kafka/kafka-log.ts";
import { DynamoDbOrderLog } from "../../db/order-log/dynamodb/dynamodb-order-log.ts";
import { dynamoDbOf, kafkaOf, namesOf, postgresOf, s3Of } from "../../db/stores/server-settings.ts";
import type { AuditLog } from "../../schemas/ports/audit-log.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { type Codec, ordersCodec, tradesCodec } from "../../schemas/record-codec.ts";
import type { SettingsOf } from "../../schemas/settings.ts";
import type { RecoveryPorts } from "./recover.ts";
import type { RECOVERY_SETTINGS } from "./settings.ts";

/** What a recovery works on, open. */
export interface OpenStores {
	readonly ports: Omit<RecoveryPorts, "marketConfig" | "resumeMarket">;
	readonly audit: AuditLog;
	/** Where the ledger's database is. */
	readonly postgres: PostgresSettings;
	close(): Promise<void>;
}

/**
 * The stores on real servers. The topics are there, and empty.
 *
 * @throws SettingsError when the venue was begun with other numbers of partitions or shards
 */
export async function openServerStores(
	settings: SettingsOf<typeof RECOVERY_SETTINGS>,
	machine: { readonly clock: Clock; readonly scheduler: Scheduler; readonly logger: Logger },
	fatal: (error: unknown) => void,
): Promise<OpenStores> {
	const { clock, scheduler, logger } = machine;
	const names = namesOf(settings);
	const { PARTITIONS: partitions, ACCOUNT_SHARDS: accountShards } = settings;
	await holdToVenueNumbers(postgresOf(settings), { partitions, accountShards });
	const topicOf = <R>(topic: string, codec: Codec<R>) =>
		KafkaLog.open<R>({
			...{ topic, codec, scheduler, logger, fatal },
			settings: kafkaOf(settings, "recover"),
			partitions,
		});
	const orders = await topicOf(names.orders, ordersCodec);
	const trades = await topicOf(names.trades, tradesCodec);
	const ledger = new PostgresLedger(postgresOf(settings));
	const audit = new PostgresAuditLog(postgresOf(settings));
	const orderLog = new DynamoDbOrderLog({ settings: dynamoDbOf(settings), scheduler });
	const archive = new S3Archive(s3Of(settings));
	const history = await ArchiveHistory.open(archive);
	return {
		ports: {
			...{ orders, trades, ledger, orderLog, history, archive },
			...{ clock, scheduler, accountShards },
		},
		audit,
		postgres: postgresOf(settings),
		async close() {
			await history.close();
			await archive.close();
			await orderLog.close();
			await audit.close();
			await ledger.close();
			await trades.close();
			await orders.close();
		},
	};
}
