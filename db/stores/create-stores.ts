import { topicDefinitions } from "../../schemas/stores.ts";
import { createBucket } from "../archive/create-bucket.ts";
import { createDatabase } from "../ledger/create-database.ts";
import { applyMigrations } from "../ledger/migrate.ts";
import { holdToVenueNumbers } from "../ledger/venue-numbers.ts";
import { createTopics } from "../log/kafka/create-topics.ts";
import { createTable } from "../order-log/dynamodb/create-table.ts";
import type { StoresSettings } from "./stores-settings.ts";

/** Something of the venue on a server, and whether it was made just now. */
export interface Store {
	readonly name: string;
	readonly made: boolean;
}

/**
 * Creates every topic, table, bucket and database of the venue that is not there. What is there stays as
 * it is, but for the database's schema, which becomes that of this version.
 *
 * @throws Error when one is there in another shape, or a server does not answer; others may be made by then
 */
export async function createStores(settings: StoresSettings): Promise<readonly Store[]> {
	const { names, size, accountShards, kafka, dynamoDb, s3, postgres } = settings;
	const topics = topicDefinitions(size, names);
	const [madeTopics, madeTable, madeBucket, madeDatabase] = await Promise.all([
		createTopics(kafka, topics),
		createTable(dynamoDb),
		createBucket(s3),
		createDatabase(postgres),
	]);
	await applyMigrations(postgres);
	await holdToVenueNumbers(postgres, { partitions: size.partitions, accountShards });
	return [
		...topics.map(({ name }) => ({ name: `topic ${name}`, made: madeTopics.includes(name) })),
		{ name: `table ${dynamoDb.table}`, made: madeTable },
		{ name: `bucket ${s3.bucket}`, made: madeBucket },
		{ name: `database ${postgres.database}`, made: madeDatabase },
	];
}
