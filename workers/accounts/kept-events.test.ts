import { expect, test } from "bun:test";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { UserEvent, UserEventId, UserEventMessage } from "../../schemas/user-event.ts";
import { UserEvents } from "./user-events.ts";

const event: UserEvent = { kind: "balanceUpdate", assetId: 2, delta: 1n };

/** User events of epoch 4, kept for 1,000 ms; a gateway has asked about users 1 and 2. */
function keeping(max = 100) {
	const published: UserEventMessage[][] = [];
	const pubsub = {
		publish: (_: unknown, batch: UserEventMessage[]) => published.push(batch),
		subscribe: () => () => {},
	} as unknown as PubSub;
	const events = new UserEvents(pubsub, 4, 1_000, max);
	const add = (userId: number, evSeq: number, ts = 0, partition = 0) =>
		events.add(userId, partition, evSeq, ts, event);
	let nowMs = 0;
	const forget = (atMs: number) => {
		nowMs = atMs;
		events.forget(atMs);
	};
	const all = (userId: number, after: UserEventId | null = null) =>
		events.since(userId, after, nowMs);
	const since = (userId: number, after: UserEventId | null) =>
		all(userId, after).events?.map(({ id }) => `${id.partition}/${id.evSeq}/${id.n}`) ?? null;
	for (const userId of [1, 2]) since(userId, null);
	return { events, published, add, all, since, forget };
}

const id = (evSeq: number, n = 0, partition = 0): UserEventId => ({ partition, evSeq, n });

test("events are numbered within their record, over all users; another record begins at 0", () => {
	const { add, since } = keeping();
	add(1, 5);
	add(2, 5);
	add(1, 5);
	add(1, 5, 0, 1);
	add(1, 6, 0, 1);
	expect(since(1, null)).toEqual(["0/5/0", "0/5/2", "1/5/0", "1/6/0"]);
	expect(since(2, null)).toEqual(["0/5/1"]);
});

test("what was added is published together, once, and nothing when there is nothing", () => {
	const { events, published, add } = keeping();
	events.publish();
	expect(published).toEqual([]);
	add(1, 5);
	events.publish();
	add(1, 6);
	add(2, 6);
	events.publish();
	events.publish();
	expect(published.map((batch) => batch.map((message) => message.id.evSeq))).toEqual([[5], [6, 6]]);
	expect(published[1]?.[0]).toMatchObject({ userId: 1, epoch: 4, previous: id(5), event });
	expect(published[1]?.[1]).toMatchObject({ userId: 2, previous: null });
});

test("after one of them: those that follow; none after the last; nothing is known of a strange one", () => {
	const { add, all, since } = keeping();
	for (const evSeq of [5, 6, 7]) add(1, evSeq);
	expect(since(1, id(5))).toEqual(["0/6/0", "0/7/0"]);
	expect(since(1, id(6))).toEqual(["0/7/0"]);
	expect(since(1, id(7))).toEqual([]);
	for (const strange of [id(8), id(6, 1), id(6, 0, 1)]) expect(since(1, strange)).toBeNull();
	expect([since(9, null), since(9, id(5))]).toEqual([[], null]);
	expect(all(1)).toMatchObject({ epoch: 4, last: id(7) });
	expect(all(9)).toMatchObject({ epoch: 4, last: null });
});

test("they are kept for their time, to the millisecond of the log; then what follows the last forgotten is still had", () => {
	const { add, since, forget } = keeping();
	add(1, 5, 2_000);
	add(1, 6, 2_500);
	forget(3_000);
	expect(since(1, null)).toEqual(["0/5/0", "0/6/0"]);
	forget(3_001);
	expect(since(1, null)).toEqual(["0/6/0"]);
	expect(since(1, id(5))).toEqual(["0/6/0"]);
	add(1, 7, 2_600);
	forget(3_501);
	expect(since(1, id(6))).toEqual(["0/7/0"]);
	expect(since(1, id(5))).toBeNull();
	forget(9_000);
	expect([since(1, null), since(1, id(7)), since(1, id(6))]).toEqual([[], [], null]);
	add(1, 8, 9_000);
	expect(since(1, id(7))).toEqual(["0/8/0"]);
});

test("beyond the bound the oldest goes, whoever's it is", () => {
	const { add, since } = keeping(3);
	add(1, 5);
	add(2, 6);
	add(2, 7);
	expect(since(1, null)).toEqual(["0/5/0"]);
	add(2, 8);
	expect(since(1, null)).toEqual([]);
	expect(since(2, null)).toEqual(["0/6/0", "0/7/0", "0/8/0"]);
});

test("of whom no gateway has asked, nothing is kept but where he stands", () => {
	const { events, published, add, all, since } = keeping();
	add(3, 5);
	add(3, 6);
	expect(all(3)).toEqual({ epoch: 4, last: id(6), events: [] });
	add(3, 7);
	expect(since(3, id(6))).toEqual(["0/7/0"]);
	expect(since(3, id(5))).toBeNull();
	events.publish();
	expect(published[0]?.map(({ id: { evSeq } }) => evSeq)).toEqual([5, 6, 7]);
});

test("when gateways ask no more, what is kept never has a hole", () => {
	const { add, all, since, forget } = keeping();
	forget(10_000);
	since(1, null);
	add(1, 5, 10_500);
	forget(11_000);
	add(1, 6, 11_000);
	expect(since(1, null)).toEqual(["0/5/0", "0/6/0"]);
	forget(12_001);
	add(1, 7, 12_001);
	add(2, 7, 12_001);
	expect(all(1)).toEqual({ epoch: 4, last: id(7), events: [] });
	add(1, 8, 12_001);
	forget(13_500);
	expect([since(1, null), since(1, id(7))]).toEqual([[], null]);
	add(1, 9, 13_500);
	expect(since(1, id(8))).toEqual(["0/9/0"]);
});

test("a question of before the worker has looked for what may go is one of now", () => {
	const { events, add, since, forget } = keeping();
	events.since(1, null, 1_700_000_000_000);
	forget(1_700_000_000_100);
	add(1, 5, 1_700_000_000_101);
	expect(since(1, null)).toEqual(["0/5/0"]);
});
