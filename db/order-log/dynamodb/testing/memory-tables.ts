import { spyOn } from "bun:test";
import { type Item, ItemTable } from "../item-table.ts";

/** The one table in memory that every ItemTable reads and writes while this stands in; `restore` ends that. */
export class MemoryTable {
	readonly items = new Map<string, Item>();
	/** Whether an item reaches the table, asked for each that is put: one that dies writes a part. */
	reaches: (item: Item) => boolean = () => true;
	/** Whether what is changed with a condition, as positions are, is done; else the call fails. */
	advances = true;
	private readonly spies: { mockRestore(): void }[];

	constructor() {
		const { items } = this;
		const table = ItemTable.prototype;
		const textOf = (key: { pk: string; sk: string }) => `${key.pk} ${key.sk}`;
		this.spies = [
			spyOn(table, "get").mockImplementation(async (key) => items.get(textOf(key)) ?? null),
			spyOn(table, "query").mockImplementation(async function* ({ pk, from, to, descending }) {
				const found = [...items.values()].filter(
					({ pk: at, sk }) => at?.S === pk && (sk?.S as string) >= from && (sk?.S as string) <= to,
				);
				found.sort((a, b) => ((a["sk"]?.S as string) < (b["sk"]?.S as string) ? -1 : 1));
				yield* descending ? found.reverse() : found;
			}),
			spyOn(table, "scan").mockImplementation(async (take) => {
				for (const item of [...items.values()]) take(item);
			}),
			spyOn(table, "putAll").mockImplementation(async (some) => {
				for (const item of some) {
					if (!this.reaches(item)) continue;
					items.set(`${item["pk"]?.S} ${item["sk"]?.S}`, item);
				}
			}),
			spyOn(table, "deleteAll").mockImplementation(async (keys) => {
				for (const key of keys) items.delete(textOf(key));
			}),
			spyOn(table, "update").mockImplementation(async (key, change) => {
				if (change.ConditionExpression !== undefined && !this.advances) throw new Error("killed");
				const before = items.get(textOf(key)) ?? { pk: { S: key.pk }, sk: { S: key.sk } };
				const values = change.ExpressionAttributeValues ?? {};
				const after: Record<string, Item[string]> = { ...before };
				const number = (name: string) => Number(before[name]?.N ?? 0);
				const evSeq = values[":evSeq"];
				if (change.ConditionExpression !== undefined && number("evSeq") >= Number(evSeq?.N)) {
					return false;
				}
				for (const part of (change.UpdateExpression ?? "")
					.slice("SET ".length)
					.split(/, (?=\w+ = )/)) {
					const [name = "", value = ""] = part.split(" = ");
					const given = values[value.replace(/^if_not_exists\(\w+, (.*)\)$/, "$1")] as Item[string];
					if (value.startsWith("if_not_exists") && before[name] !== undefined) continue;
					after[name] = given;
				}
				items.set(textOf(key), after);
				return true;
			}),
		];
	}

	restore(): void {
		for (const spy of this.spies) spy.mockRestore();
	}
}
