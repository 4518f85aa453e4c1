import { expect, test } from "bun:test";
import type { LogEntry } from "../../../schemas/ports/log.ts";
import { ManualTime } from "../../testing/manual-time.ts";
import { PartitionTail, type TailSource } from "./partition-tail.ts";
import type { FetchedRecord } from "./topic-reader.ts";

/** A source that gives what it has by then, and counts how often it is asked. */
class Stored implements TailSource<string> {
	readonly records: FetchedRecord[] = [];
	asked = 0;
	private wake = () => {};

	end(): Promise<number> {
		return Promise.resolve(0);
	}

	read(): Promise<readonly LogEntry<string>[]> {
		return Promise.resolve([]);
	}

	async next(from: number): Promise<readonly FetchedRecord[]> {
		this.asked += 1;
		while (this.records.length <= from) {
			await new Promise<void>((resolve) => {
				this.wake = resolve;
			});
		}
		return this.records.slice(from);
	}

	decoded(records: readonly FetchedRecord[]): readonly LogEntry<string>[] {
		return records.map(({ offset }) => ({ offset, record: `r${offset}` }));
	}

	add(): void {
		this.records.push({ offset: this.records.length, text: "" } as unknown as FetchedRecord);
		this.wake();
	}
}

test.each([
	[0, [["r0"], ["r1"], ["r2"]]],
	[10, [["r0"], ["r1", "r2"]]],
])("records that come within %s ms of each other come together", async (gatherMs, expected) => {
	const source = new Stored();
	const time = new ManualTime();
	const settled = () => new Promise((resolve) => setImmediate(resolve));
	const tail = new PartitionTail<string>(source, time, () => {}, gatherMs);
	const heard: string[][] = [];
	tail.follow(0, (entries) => heard.push(entries.map(({ record }) => record)));
	await settled();
	for (let i = 0; i < 3; i += 1) {
		source.add();
		await settled();
		time.advance(4);
		await settled();
	}
	time.advance(10);
	await settled();
	expect(heard).toEqual(expected);
	tail.dropAll();
	source.add();
});

test("with many at once the next wait for each other a little, also where nobody may wait", async () => {
	const source = new Stored();
	const time = new ManualTime();
	const settled = () => new Promise((resolve) => setImmediate(resolve));
	const tail = new PartitionTail<string>(source, time, () => {}, 0);
	const heard: number[] = [];
	tail.follow(0, (entries) => heard.push(entries.length));
	for (let i = 0; i < 20; i += 1) source.add();
	await settled();
	source.add();
	await settled();
	source.add();
	await settled();
	expect(heard).toEqual([20]);
	time.advance(2);
	await settled();
	expect(heard).toEqual([20, 2]);
	tail.dropAll();
	source.add();
});
