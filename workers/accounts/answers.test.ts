import { expect, test } from "bun:test";
import { EventKind, type EventRecord } from "../../schemas/event.ts";
import { LEASE_MS, Lease } from "../protocol/lease.ts";
import { momentOf } from "../protocol/stopwatch.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { Answers } from "./answers.ts";
import type { Settled } from "./settle.ts";

function settledAt(partition: number, seq: number): Settled {
	const answer = { kind: EventKind.BeatSeen } as const;
	const record = { partition, seq, evSeq: 10 * seq } as Partial<EventRecord> as EventRecord;
	return { record, answer, placed: null, canceled: [] };
}

function answering() {
	const time = new VirtualTime();
	const lease = new Lease(time);
	lease.prove(momentOf(time));
	const answers = new Answers(lease, 2);
	const told: string[] = [];
	const ask = (name: string, partition: number, seq: number, lane: "order" | "cancel" = "order") =>
		void answers
			.expect(partition, seq, lane, ({ record }) => ({ ok: true, value: record.evSeq }))
			.then((outcome) => {
				told.push(`${name}: ${outcome.ok ? outcome.value : outcome.refusal.reason}`);
			});
	return { time, answers, told, ask };
}

test("a request is answered from the event of its own command, when answers are told", async () => {
	const { time, answers, told, ask } = answering();
	ask("a", 0, 1);
	ask("b", 1, 1);
	answers.settled(settledAt(0, 1));
	await time.settle();
	expect(told).toEqual([]);
	answers.tell();
	await time.settle();
	expect(told).toEqual(["a: 10"]);
	// Nobody waits for that one (any more).
	answers.settled(settledAt(0, 1));
	answers.settled(settledAt(0, 2));
	answers.settled(settledAt(1, 1));
	answers.tell();
	answers.tell();
	await time.settle();
	expect(told).toEqual(["a: 10", "b: 10"]);
});

test("answers and what waited for them are told in the order in which they became ready", async () => {
	const { time, answers, told, ask } = answering();
	ask("a", 0, 1);
	ask("b", 0, 2);
	answers.settled(settledAt(0, 1));
	answers.alsoTell(() => told.push("also"));
	answers.settled(settledAt(0, 2));
	answers.tell();
	await time.settle();
	expect(told).toEqual(["also", "a: 10", "b: 20"]);
});

test("without the lease nothing is told but that nothing is known", async () => {
	const { time, answers, told, ask } = answering();
	expect(answers.now({ ok: true, value: 5 })).toEqual({ ok: true, value: 5 });
	ask("a", 0, 1);
	answers.settled(settledAt(0, 1));
	await time.advance(LEASE_MS);
	answers.tell();
	await time.settle();
	expect(told).toEqual(["a: unknown"]);
	expect(answers.now({ ok: true, value: 5 })).toEqual({
		ok: false,
		refusal: { reason: "unknown" },
	});
});

test("each lane counts its own requests, from when they are taken to their event", () => {
	const { answers, ask } = answering();
	const lanes = () => [answers.waiting("order"), answers.waiting("cancel")];
	ask("a", 0, 1);
	ask("b", 0, 2, "cancel");
	ask("c", 1, 1, "cancel");
	expect(lanes()).toEqual([1, 2]);
	answers.settled(settledAt(0, 2));
	expect(lanes()).toEqual([1, 1]);
	answers.settled(settledAt(0, 1));
	expect(lanes()).toEqual([0, 1]);
});

test("when the worker ends, everybody who waits is told that nothing is known", async () => {
	const { time, answers, told, ask } = answering();
	ask("a", 0, 1);
	ask("b", 1, 1, "cancel");
	answers.abandon();
	expect([answers.waiting("order"), answers.waiting("cancel")]).toEqual([0, 0]);
	await time.settle();
	expect(told).toEqual(["a: unknown", "b: unknown"]);
	answers.settled(settledAt(0, 1));
	expect([answers.waiting("order"), answers.waiting("cancel")]).toEqual([0, 0]);
});
