import {
	type AttributeValue,
	BatchWriteItemCommand,
	ConditionalCheckFailedException,
	type DynamoDBClient,
	GetItemCommand,
	QueryCommand,
	ScanCommand,
	UpdateItemCommand,
	type UpdateItemCommandInput,
	type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import { type DynamoDbSettings, dynamoDbClient } from "./dynamodb-settings.ts";
import type { ItemKey } from "./item-keys.ts";

export type Item = Readonly<Record<string, AttributeValue>>;

/** Items of one partition key between two sort keys, both inclusive. */
export interface ItemRange {
	readonly pk: string;
	readonly from: string;
	readonly to: string;
	readonly descending?: boolean;
	/** Items per request. */
	readonly pageSize?: number;
}

/** What DynamoDB takes in one request. */
const LARGEST_BATCH = 25;
const REQUESTS_AT_ONCE = 8;
/**
 * Writes go in lanes, one request after another: nobody waits for them, so they leave processors to those
 * somebody waits for. A lane rests after each, until there is so much that all lanes are needed.
 */
const REQUESTS_PER_LANE = 50;
const REST_MS = 10;
/** Pauses before what DynamoDB had no room for is sent again, ms: doubled each time. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 2_000;
const ATTEMPTS = 12;

/** Reads and writes of one table. Every read is strongly consistent. */
export class ItemTable {
	private readonly client: DynamoDBClient;
	private readonly table: string;
	private readonly scheduler: Scheduler;

	constructor(settings: DynamoDbSettings, scheduler: Scheduler) {
		this.client = dynamoDbClient(settings);
		this.table = settings.table;
		this.scheduler = scheduler;
	}

	async get(key: ItemKey): Promise<Item | null> {
		const command = new GetItemCommand({
			TableName: this.table,
			Key: keyAttributes(key),
			ConsistentRead: true,
		});
		return (await told(this.client.send(command))).Item ?? null;
	}

	/** As many as are taken of it, in the order of their sort keys. */
	async *query(range: ItemRange): AsyncGenerator<Item> {
		// DynamoDB refuses a range that ends before it begins.
		if (range.from > range.to) return;
		let start: Record<string, AttributeValue> | undefined;
		do {
			const command = new QueryCommand({
				TableName: this.table,
				KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
				ExpressionAttributeValues: {
					":pk": { S: range.pk },
					":from": { S: range.from },
					":to": { S: range.to },
				},
				ScanIndexForward: !range.descending,
				ConsistentRead: true,
				ExclusiveStartKey: start,
				...(range.pageSize === undefined ? {} : { Limit: range.pageSize }),
			});
			const page = await told(this.client.send(command));
			yield* page.Items ?? [];
			start = page.LastEvaluatedKey;
		} while (start !== undefined);
	}

	/** Hands over every item of the table, in no order. */
	async scan(take: (item: Item) => void): Promise<void> {
		const segment = async (Segment: number) => {
			let start: Record<string, AttributeValue> | undefined;
			do {
				const command = new ScanCommand({
					...{ TableName: this.table, Segment, TotalSegments: REQUESTS_AT_ONCE },
					...{ ConsistentRead: true, ExclusiveStartKey: start },
				});
				const page = await told(this.client.send(command));
				for (const item of page.Items ?? []) take(item);
				start = page.LastEvaluatedKey;
			} while (start !== undefined);
		};
		await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, (_, i) => segment(i)));
	}

	/** Puts all of these, in any order. Of two with the same key the later one. */
	putAll(items: readonly Item[]): Promise<void> {
		const byKey = new Map(items.map((item) => [keyText(item), item]));
		return this.writeAll([...byKey.values()].map((Item) => ({ PutRequest: { Item } })));
	}

	deleteAll(keys: readonly ItemKey[]): Promise<void> {
		return this.writeAll(keys.map((key) => ({ DeleteRequest: { Key: keyAttributes(key) } })));
	}

	/** Changes one item. False when its condition did not hold. */
	async update(
		key: ItemKey,
		change: Omit<UpdateItemCommandInput, "TableName" | "Key">,
	): Promise<boolean> {
		const command = new UpdateItemCommand({
			...{ TableName: this.table, Key: keyAttributes(key) },
			...change,
		});
		try {
			await this.client.send(command);
			return true;
		} catch (error) {
			if (error instanceof ConditionalCheckFailedException) return false;
			throw failure(error);
		}
	}

	close(): void {
		this.client.destroy();
	}

	private async writeAll(requests: readonly WriteRequest[]): Promise<void> {
		const batches: WriteRequest[][] = [];
		for (let at = 0; at < requests.length; at += LARGEST_BATCH) {
			batches.push(requests.slice(at, at + LARGEST_BATCH));
		}
		const lanes = Math.min(REQUESTS_AT_ONCE, Math.ceil(batches.length / REQUESTS_PER_LANE));
		const restMs = lanes < REQUESTS_AT_ONCE ? REST_MS : 0;
		const lane = async () => {
			for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
				await this.writeBatch(batch);
				if (restMs > 0 && batches.length > 0) await this.pause(restMs);
			}
		};
		await Promise.all(Array.from({ length: lanes }, lane));
	}

	/** Sends again what DynamoDB leaves over, after a pause: it says so when it is asked too much. */
	private async writeBatch(batch: readonly WriteRequest[]): Promise<void> {
		let left = [...batch];
		let pauseMs = FIRST_PAUSE_MS;
		for (let attempt = 1; ; attempt += 1) {
			const command = new BatchWriteItemCommand({ RequestItems: { [this.table]: left } });
			const { UnprocessedItems } = await told(this.client.send(command));
			left = UnprocessedItems?.[this.table] ?? [];
			if (left.length === 0) return;
			if (attempt === ATTEMPTS) throw new Error("DynamoDB had no room for a batch");
			await this.pause(pauseMs);
			pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
		}
	}

	private pause(ms: number): Promise<void> {
		return new Promise((resolve) => void this.scheduler.after(ms, resolve));
	}
}

export function keyAttributes({ pk, sk }: ItemKey): Record<string, AttributeValue> {
	return { pk: { S: pk }, sk: { S: sk } };
}

function keyText(item: Item): string {
	return `${item["pk"]?.S} ${item["sk"]?.S}`;
}

/** Errors say why it failed, and hold nothing of the request. */
async function told<T>(answer: Promise<T>): Promise<T> {
	try {
		return await answer;
	} catch (error) {
		throw failure(error);
	}
}

function failure(error: unknown): Error {
	const { name, message } = error as Error;
	return new Error(`DynamoDB: ${name}: ${message}`);
}
