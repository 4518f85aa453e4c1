import {
	type AttributeValue,
	BatchWriteItemCommand,
	ConditionalCheckFailedException,
	GetItemCommand,
	QueryCommand,
	ScanCommand,
	UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../dynamodb/item-table.ts";

/** The items of a table, which outlive its clients. */
export type MemoryItems = Map<string, Record<string, AttributeValue>>;

/**
 * As much of DynamoDB as `ItemTable` asks for, in memory: items come and go one by one, and each request is done
 * after a while, whoever waits for it.
 */
export class MemoryDynamoDb {
	private readonly items: MemoryItems;
	private readonly after: (run: () => void) => void;
	private readonly isLeftOver: () => boolean;
	private readonly isUnheard: () => boolean;

	/**
	 * @param after does something a while later
	 * @param isLeftOver whether DynamoDB has no room for an item just now
	 * @param isUnheard whether the answer to a write is lost
	 */
	constructor(
		items: MemoryItems,
		after: (run: () => void) => void,
		isLeftOver: () => boolean,
		isUnheard: () => boolean,
	) {
		this.items = items;
		this.after = after;
		this.isLeftOver = isLeftOver;
		this.isUnheard = isUnheard;
	}

	/** @throws Error when no answer comes: what was asked is done all the same, before or after that is known */
	send(command: unknown): Promise<object> {
		return new Promise((resolve, reject) => {
			const isWrite =
				command instanceof BatchWriteItemCommand || command instanceof UpdateItemCommand;
			const unheard = isWrite && this.isUnheard();
			const fail = () => reject(new Error("no answer"));
			if (unheard) this.after(fail);
			this.after(() => {
				try {
					const answer = this.done(command);
					if (!unheard) resolve(answer);
				} catch (error) {
					reject(error);
				}
			});
		});
	}

	destroy(): void {}

	private done(command: unknown): object {
		if (command instanceof GetItemCommand) {
			const item = this.items.get(nameOf(command.input.Key as Item));
			return item === undefined ? {} : { Item: item };
		}
		if (command instanceof QueryCommand) return { Items: this.query(command.input) };
		if (command instanceof ScanCommand) {
			return { Items: command.input.Segment === 0 ? [...this.items.values()] : [] };
		}
		if (command instanceof BatchWriteItemCommand) return this.write(command.input);
		if (command instanceof UpdateItemCommand) return this.update(command.input);
		throw new TypeError("a command that it does not know");
	}

	private query({ ExpressionAttributeValues, ScanIndexForward }: QueryCommand["input"]) {
		const textOf = (name: string) => ExpressionAttributeValues?.[name]?.S as string;
		const [pk, from, to] = [textOf(":pk"), textOf(":from"), textOf(":to")];
		const found = [...this.items.values()].filter(
			(item) => item["pk"]?.S === pk && sortKeyOf(item) >= from && sortKeyOf(item) <= to,
		);
		found.sort((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1));
		return ScanIndexForward === false ? found.reverse() : found;
	}

	private write({ RequestItems }: BatchWriteItemCommand["input"]) {
		const [[table, requests] = ["", []]] = Object.entries(RequestItems ?? {});
		const left = requests.filter(({ PutRequest, DeleteRequest }) => {
			if (this.isLeftOver()) return true;
			const item = PutRequest?.Item;
			if (item !== undefined) this.items.set(nameOf(item), item);
			else this.items.delete(nameOf(DeleteRequest?.Key as Item));
			return false;
		});
		return { UnprocessedItems: left.length === 0 ? {} : { [table]: left } };
	}

	/** A position, which only rises; or the first id of a minute. */
	private update({ Key, ...change }: UpdateItemCommand["input"]): object {
		const item = { ...Key, ...this.items.get(nameOf(Key as Item)) };
		const values = change.ExpressionAttributeValues ?? {};
		const rises = change.ConditionExpression !== undefined;
		if (rises && Number(item["evSeq"]?.N ?? 0) >= Number(values[":evSeq"]?.N)) {
			throw new ConditionalCheckFailedException({ $metadata: {}, message: "it does not rise" });
		}
		for (const [, name, value] of (change.UpdateExpression ?? "").matchAll(SET)) {
			if (rises || item[name as string] === undefined) {
				item[name as string] = values[value as string] as AttributeValue;
			}
		}
		this.items.set(nameOf(item), item);
		return {};
	}
}

/** "name = :value", or "name = if_not_exists(name, :value)". */
const SET = /(\w+) = (?:if_not_exists\(\w+, )?(:\w+)/g;

function nameOf(item: Item): string {
	return `${item["pk"]?.S} ${sortKeyOf(item)}`;
}

function sortKeyOf(item: Item): string {
	return item["sk"]?.S as string;
}
