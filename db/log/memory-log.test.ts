import { describe, expect, test } from "bun:test";
import type { OrdersRecord } from "../../schemas/command.ts";
import { LogUnavailable } from "../../schemas/ports/log.ts";
import { ordersCodec } from "../../schemas/record-codec.ts";
import { ManualTime } from "../testing/manual-time.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { logContract, numbered, numberedFrom } from "./log-contract.ts";
import { type AppendFate, MemoryLog, type MemoryLogOptions } from "./memory-log.ts";

type Options = Partial<MemoryLogOptions<OrdersRecord>>;

function make(options: Options): MemoryLog<OrdersRecord> {
	const base = { topic: "orders", partitions: 2, logId: "log", scheduler: turnScheduler };
	return new MemoryLog({ ...base, ...options });
}

for (const [name, options] of [
	["in memory", {}],
	["in memory, through the codec", { codec: ordersCodec }],
] as const) {
	logContract(name, async () => {
		const log = make(options);
		return {
			log,
			async reopen() {
				log.dropFollowers();
				log.dropCallers();
				return log;
			},
			close: async () => {},
		};
	});
}

/** What the caller heard, what is stored, and what a follower was given, after this fate. */
async function outcomeOf(fate: AppendFate) {
	const time = new ManualTime();
	const log = make({ scheduler: time, fate: () => fate });
	const followed: number[] = [];
	log.follow(0, 0, (entries) => followed.push(...entries.map((e) => e.record.epoch)));
	const answer = log.append(0, numberedFrom(1, 2)).catch((error: unknown) => error);
	await time.settle();
	const reading = log.read(0, 0, 10);
	await time.settle();
	const stored = (await reading).map((e) => e.record.epoch);
	expect(followed).toEqual(stored);
	return { answer: await answer, stored };
}

describe("faults of the log in memory", () => {
	test("ok", async () => {
		expect(await outcomeOf("ok")).toEqual({ answer: 0, stored: [1, 2] });
	});

	test("lost ack: written, and the caller does not know", async () => {
		const { answer, stored } = await outcomeOf("lost ack");
		expect(answer).toBeInstanceOf(LogUnavailable);
		expect(stored).toEqual([1, 2]);
	});

	test("not written", async () => {
		const { answer, stored } = await outcomeOf("not written");
		expect(answer).toBeInstanceOf(LogUnavailable);
		expect(stored).toEqual([]);
	});

	test("twice", async () => {
		expect(await outcomeOf("twice")).toEqual({ answer: 0, stored: [1, 2, 1, 2] });
	});

	test("late: written after what the caller did next", async () => {
		const time = new ManualTime();
		const fates: AppendFate[] = ["late", "ok"];
		const delays = [0, 50, 0];
		const log = make({
			scheduler: time,
			fate: () => fates.shift() ?? "ok",
			delayMs: () => delays.shift() ?? 0,
		});
		const first = log.append(0, [numbered(1)]).catch((error: unknown) => error);
		await time.settle();
		expect(await first).toBeInstanceOf(LogUnavailable);
		const second = log.append(0, [numbered(2)]);
		await time.settle();
		expect(await second).toBe(0);
		time.advance(50);
		const reading = log.read(0, 0, 10);
		await time.settle();
		expect((await reading).map((e) => e.record.epoch)).toEqual([2, 1]);
	});

	test("calls of a dead process are never answered, but arrive", async () => {
		const time = new ManualTime();
		const log = make({ scheduler: time });
		let answered = false;
		const hear = () => {
			answered = true;
		};
		void log.append(0, [numbered(1)]).then(hear, hear);
		void log.end(0).then(hear);
		log.dropCallers();
		await time.settle();
		expect(answered).toBe(false);
		const end = log.end(0);
		await time.settle();
		expect(await end).toBe(1);
	});

	test("dropped followers hear no more", async () => {
		const time = new ManualTime();
		const log = make({ scheduler: time });
		let heard = 0;
		log.follow(0, 0, () => {
			heard += 1;
		});
		log.dropFollowers();
		void log.append(0, [numbered(1)]);
		await time.settle();
		expect(heard).toBe(0);
	});

	test("through the codec nobody shares an object", async () => {
		const log = make({ codec: ordersCodec });
		const seen: OrdersRecord[] = [];
		for (let i = 0; i < 2; i += 1) {
			log.follow(0, 0, (entries) => seen.push(...entries.map((e) => e.record)));
		}
		const record = { ...numbered(1) };
		const appended = log.append(0, [record]);
		record.epoch = 2;
		await appended;
		seen.push(...(await log.read(0, 0, 1)).map((e) => e.record));
		expect(seen).toEqual([numbered(1), numbered(1), numbered(1)]);
		expect(new Set([...seen, record]).size).toBe(4);
	});
});
