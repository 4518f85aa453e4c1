import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { UserEventId, UserEventMessage, UserEventsSince } from "./user-event.ts";
import { UserEventGate } from "./user-event-gate.ts";

function id(partition: number, evSeq: number, n = 0): UserEventId {
	return { partition, evSeq, n };
}

function message(at: UserEventId, previous: UserEventId | null, epoch = 1): UserEventMessage {
	return {
		userId: 7,
		id: at,
		epoch,
		previous,
		ts: at.evSeq,
		event: { kind: "balanceUpdate", assetId: 1, delta: 1n },
	};
}

/** One after another in one partition, from evSeq `from` to `to`. */
function chain(
	from: number,
	to: number,
	before: UserEventId | null = null,
	epoch = 1,
): UserEventMessage[] {
	const made: UserEventMessage[] = [];
	for (let evSeq = from; evSeq <= to; evSeq += 1) {
		made.push(message(id(0, evSeq), made.at(-1)?.id ?? before, epoch));
	}
	return made;
}

/** A gate whose questions are answered by hand, or by `answers` at once. */
class Client {
	readonly delivered: string[] = [];
	readonly asked: (UserEventId | null)[] = [];
	readonly pending: PromiseWithResolvers<UserEventsSince>[] = [];
	closed: string | null = null;
	/** Ends the wait for the last question's answer. */
	giveUp = () => {};
	readonly gate = new UserEventGate({
		scheduler: {
			after: (_, run) => {
				this.giveUp = run;
				return () => {};
			},
			every: () => () => {},
			soon: (run) => run(),
		},
		deliver: (m) => this.delivered.push(`${m.id.partition}:${m.id.evSeq}.${m.id.n}`),
		resume: (after) => {
			this.asked.push(after);
			const answer = Promise.withResolvers<UserEventsSince>();
			this.pending.push(answer);
			return answer.promise;
		},
		close: (reason) => {
			this.closed = reason;
		},
	});

	receive(...messages: UserEventMessage[]): void {
		for (const m of messages) this.gate.receive(m);
	}

	async answer(
		events: readonly UserEventMessage[] | null,
		{ epoch = 1, last = events?.at(-1)?.id ?? null } = {},
	): Promise<void> {
		this.pending.shift()?.resolve({ epoch, last, events });
		await settled();
	}
}

async function settled(): Promise<void> {
	for (let i = 0; i < 5; i += 1) await Promise.resolve();
}

/** A client whose gate stands after what `kept` says. */
async function opened(
	kept: readonly UserEventMessage[],
	last = kept.at(-1)?.id ?? null,
): Promise<Client> {
	const client = new Client();
	const open = client.gate.open();
	await client.answer(kept, { last });
	expect(await open).toBe(true);
	return client;
}

describe("opening", () => {
	test("the past is not delivered, what comes after it is", async () => {
		const events = chain(1, 5);
		const client = await opened(events.slice(0, 3));
		client.receive(...events.slice(3));
		expect(client.delivered).toEqual(["0:4.0", "0:5.0"]);
		expect(client.asked).toEqual([null]);
	});

	test("what arrives before the answer is held and delivered, also what the answer has too", async () => {
		const client = new Client();
		void client.gate.open();
		const events = chain(1, 5);
		client.receive(events[2]!);
		expect(client.delivered).toEqual([]);
		await client.answer(events.slice(0, 4));
		client.receive(events[3]!, events[4]!);
		expect(client.delivered).toEqual(["0:3.0", "0:4.0", "0:5.0"]);
	});

	test("after a quiet minute the first event is checked against the worker", async () => {
		const client = await opened([], id(0, 3));
		const [lost, seen] = chain(8, 9, id(0, 3));
		client.receive(seen!);
		expect(client.asked.at(-1)).toEqual(id(0, 3));
		expect(client.delivered).toEqual([]);
		await client.answer([lost!, seen!]);
		expect(client.delivered).toEqual(["0:8.0", "0:9.0"]);
	});

	test("a user's very first event needs no question", async () => {
		const client = await opened([]);
		client.receive(...chain(1, 2));
		expect(client.delivered).toEqual(["0:1.0", "0:2.0"]);
		expect(client.asked).toEqual([null]);
	});

	test("a user's first event that is no longer kept closes", async () => {
		const client = await opened([]);
		const [seen] = chain(9, 9, id(0, 8));
		client.receive(seen!);
		await client.answer([seen!]);
		expect([client.delivered, client.closed]).toEqual([[], "user events were lost"]);
	});

	test("no answer closes", async () => {
		const client = new Client();
		const open = client.gate.open();
		client.pending[0]!.reject(new Error("gone"));
		expect(await open).toBe(false);
		expect(client.closed).toContain("does not answer");
	});
});

describe("gaps", () => {
	const events = chain(1, 9);

	test("what is missing is fetched and delivered in its place", async () => {
		const client = await opened(events.slice(0, 1));
		client.receive(events[1]!, events[4]!, events[5]!);
		expect(client.delivered).toEqual(["0:2.0"]);
		expect(client.asked.slice(1)).toEqual([id(0, 2)]);
		client.receive(events[6]!);
		expect(client.asked).toHaveLength(2);
		await client.answer(events.slice(2, 6));
		expect(client.delivered).toEqual(["0:2.0", "0:3.0", "0:4.0", "0:5.0", "0:6.0", "0:7.0"]);
		expect(client.closed).toBeNull();
	});

	test("a second gap while asking is a second question", async () => {
		const client = await opened(events.slice(0, 1));
		client.receive(events[2]!, events[7]!);
		await client.answer(events.slice(1, 3));
		expect(client.delivered).toEqual(["0:2.0", "0:3.0"]);
		await client.answer(events.slice(3, 8));
		expect(client.delivered.at(-1)).toBe("0:8.0");
		expect(client.closed).toBeNull();
	});

	test("what is no longer kept, not answered or still missing closes, and nothing follows", async () => {
		const gone: (readonly UserEventMessage[] | null)[] = [null, [], events.slice(1, 3)];
		for (const answer of gone) {
			const client = await opened(events.slice(0, 1));
			client.receive(events[4]!);
			await client.answer(answer);
			client.receive(events[5]!);
			expect(client.closed).toBe("user events were lost");
			expect(client.delivered).toEqual(answer?.length ? ["0:2.0", "0:3.0"] : []);
		}
	});

	test("a lost last event is found by a check", async () => {
		const client = await opened(events.slice(0, 1));
		client.gate.check();
		client.receive(events[2]!);
		await client.answer(events.slice(1, 3));
		expect(client.delivered).toEqual(["0:2.0", "0:3.0"]);
	});

	test("a user's first event that was lost, and is no longer kept, is missed by a check", async () => {
		const client = await opened([]);
		client.gate.check();
		await client.answer([], { last: id(0, 1) });
		expect(client.closed).toBe("user events were lost");
		const quiet = await opened([]);
		quiet.gate.check();
		await quiet.answer([]);
		expect(quiet.closed).toBeNull();
	});

	test("a check without an answer changes nothing", async () => {
		const client = await opened(events.slice(0, 1));
		client.gate.check();
		client.receive(events[1]!);
		client.pending[0]!.reject(new Error("busy"));
		await settled();
		expect(client.delivered).toEqual(["0:2.0"]);
		expect(client.closed).toBeNull();
	});

	test("an answer that is lost: a check goes on, a gap closes", async () => {
		const client = await opened(events.slice(0, 1));
		client.gate.check();
		client.receive(events[1]!);
		client.giveUp();
		await settled();
		expect(client.delivered).toEqual(["0:2.0"]);
		client.receive(events[3]!);
		client.giveUp();
		await settled();
		expect([client.delivered, client.closed]).toEqual([
			["0:2.0"],
			"the account worker does not answer",
		]);
	});

	test("after stop nothing is delivered or closed", async () => {
		const client = await opened(events.slice(0, 1));
		client.receive(events[3]!);
		client.gate.stop();
		await client.answer(null);
		expect([client.delivered, client.closed]).toEqual([[], null]);
	});

	test("too much held back closes", async () => {
		const client = new Client();
		void client.gate.open();
		client.receive(...chain(1, 10_001));
		expect(client.closed).toContain("too many");
	});
});

describe("an account worker that has taken over", () => {
	test("what it says again is dropped, its first other event closes", async () => {
		const client = await opened([]);
		client.receive(...chain(1, 4), ...chain(3, 4, null, 2));
		expect(client.closed).toBeNull();
		client.receive(...chain(5, 6, id(0, 4), 2));
		expect(client.closed).toContain("taken over");
		expect(client.delivered).toEqual(["0:1.0", "0:2.0", "0:3.0", "0:4.0"]);
	});

	test("the first event of a quiet user closes: there may have been others before it", async () => {
		const client = await opened([]);
		client.receive(message(id(0, 8), null, 2));
		expect([client.delivered, client.closed]).toEqual([
			[],
			"another account worker has taken over",
		]);
	});

	test("its answer to a question closes, even when it knows of nothing", async () => {
		const client = await opened([]);
		client.gate.check();
		await client.answer([], { epoch: 2 });
		expect(client.closed).toContain("taken over");
	});

	test("what the one before still says is dropped", async () => {
		const client = new Client();
		void client.gate.open();
		await client.answer([], { epoch: 2 });
		client.receive(...chain(1, 2), ...chain(1, 1, null, 2));
		expect(client.delivered).toEqual(["0:1.0"]);
		expect(client.closed).toBeNull();
	});

	test("partitions are covered apart", async () => {
		const client = await opened([]);
		client.receive(message(id(0, 5), null), message(id(1, 3), id(0, 5)));
		client.receive(message(id(1, 3), null, 2), message(id(0, 5), id(1, 3), 2));
		expect(client.delivered).toEqual(["0:5.0", "1:3.0"]);
		expect(client.closed).toBeNull();
	});
});

describe("under random loss, repetition and restarts", () => {
	const step = fc.oneof(
		{
			weight: 8,
			arbitrary: fc.record({ kind: fc.constant("event" as const), partition: fc.nat(2) }),
		},
		{
			weight: 2,
			arbitrary: fc.record({ kind: fc.constant("lose" as const), partition: fc.nat(2) }),
		},
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant("repeat" as const), back: fc.nat(4) }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), back: fc.nat(6) }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant("check" as const) }) },
		{ weight: 3, arbitrary: fc.record({ kind: fc.constant("answer" as const) }) },
	);

	test("a client has every event once and in order, or is closed", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(5), async (steps, kept) => {
				await run(steps, kept);
			}),
			{ numRuns: 1_500 },
		);
	});

	type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

	async function run(steps: readonly Step[], keptEvents: number): Promise<void> {
		const history: UserEventId[] = [];
		const heads = [0, 0, 0];
		/** Where the worker of today began to know of events. */
		let knownFrom = 0;
		let epoch = 1;
		const client = new Client();
		const told = (at: number) =>
			message(history[at]!, at === knownFrom ? null : (history[at - 1] ?? null), epoch);
		const answer = async () => {
			const after = client.asked.at(-1) ?? null;
			const from = Math.max(knownFrom, history.length - 2 - keptEvents);
			const at = after === null ? from - 1 : history.indexOf(after);
			const knows = after === null || at >= from - (from > knownFrom ? 1 : 0);
			const all = history.map((_, i) => told(i));
			const last = history.length > knownFrom ? (history.at(-1) ?? null) : null;
			const events = knows ? all.slice(Math.max(from, at + 1)) : null;
			await client.answer(events, { epoch, last });
		};
		const open = client.gate.open();
		await answer();
		expect(await open).toBe(true);
		for (const s of steps) {
			if (s.kind === "event" || s.kind === "lose") {
				heads[s.partition]! += 1;
				history.push(id(s.partition, heads[s.partition]!));
				if (s.kind === "event") client.receive(told(history.length - 1));
			} else if (s.kind === "repeat") {
				const at = history.length - 1 - s.back;
				if (at >= knownFrom) client.receive(told(at));
			} else if (s.kind === "restart") {
				epoch += 1;
				knownFrom = Math.max(knownFrom, history.length - s.back);
				for (let at = knownFrom; at < history.length; at += 1) client.receive(told(at));
			} else if (s.kind === "check") client.gate.check();
			else if (client.pending.length > 0) await answer();
		}
		for (let i = 0; i < 3 && client.closed === null; i += 1) {
			while (client.pending.length > 0) await answer();
			client.gate.check();
			await answer();
		}
		const wanted = history.map((h) => `${h.partition}:${h.evSeq}.${h.n}`);
		const got = client.delivered;
		expect(got).toEqual(wanted.slice(0, got.length));
		if (client.closed === null) expect(got).toHaveLength(wanted.length);
	}
});
