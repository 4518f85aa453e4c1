import {
	CreateTableCommand,
	DescribeTableCommand,
	type DynamoDBClient,
	ResourceInUseException,
	ResourceNotFoundException,
	waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { ORDER_LOG_TABLE } from "../../../schemas/stores.ts";
import { type DynamoDbSettings, dynamoDbClient } from "./dynamodb-settings.ts";

const READY_WITHIN_S = 120;

/**
 * Creates the order log's table unless it is there, paid per request. Tells whether it did.
 *
 * @throws Error when a table of that name has other keys
 */
export async function createTable(settings: DynamoDbSettings): Promise<boolean> {
	const { table } = settings;
	const client = dynamoDbClient(settings);
	try {
		const made = !(await isThere(client, table)) && (await create(client, table));
		await waitUntilTableExists({ client, maxWaitTime: READY_WITHIN_S }, { TableName: table });
		return made;
	} finally {
		client.destroy();
	}
}

async function isThere(client: DynamoDBClient, table: string): Promise<boolean> {
	try {
		const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
		const keys = (Table?.KeySchema ?? []).map((key) => key.AttributeName);
		if (keys.join() !== [ORDER_LOG_TABLE.partitionKey, ORDER_LOG_TABLE.sortKey].join()) {
			throw new Error(`the table ${table} has the keys ${keys.join(", ")}`);
		}
		return true;
	} catch (error) {
		if (error instanceof ResourceNotFoundException) return false;
		throw error;
	}
}

/** False when another was faster. */
async function create(client: DynamoDBClient, table: string): Promise<boolean> {
	const { partitionKey, sortKey } = ORDER_LOG_TABLE;
	try {
		await client.send(
			new CreateTableCommand({
				TableName: table,
				BillingMode: "PAY_PER_REQUEST",
				AttributeDefinitions: [
					{ AttributeName: partitionKey, AttributeType: "S" },
					{ AttributeName: sortKey, AttributeType: "S" },
				],
				KeySchema: [
					{ AttributeName: partitionKey, KeyType: "HASH" },
					{ AttributeName: sortKey, KeyType: "RANGE" },
				],
			}),
		);
		return true;
	} catch (error) {
		if (error instanceof ResourceInUseException) return false;
		throw error;
	}
}
