import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { EventKind } from "./event.ts";
import { decodeEvents, EVENT_WORDS, EventBuffer, encodeEvents } from "./event-words.ts";
import { anyEvent, eventArbitrary } from "./testing/records.ts";

describe("an event comes back from its words as it was", () => {
	for (const [name, kind] of Object.entries(EventKind)) {
		test(name, () => {
			fc.assert(
				fc.property(eventArbitrary(kind), (event) => {
					const words = encodeEvents([event]);
					expect(words.length).toBe(EVENT_WORDS[kind] as number);
					expect(decodeEvents(words)).toEqual([event]);
				}),
			);
		});
	}
});

test("the buffer holds what encodeEvents gives, however often it grows, and is used again", () => {
	const out = new EventBuffer();
	fc.assert(
		fc.property(fc.array(anyEvent, { maxLength: 2_000, size: "max" }), (events) => {
			out.clear();
			for (const event of events) out.push(event);
			expect(out.count).toBe(events.length);
			expect([...out.words.subarray(0, out.length)]).toEqual(encodeEvents(events));
			expect(decodeEvents(out.words, 0, out.length)).toEqual(events);
		}),
		{ numRuns: 20 },
	);
});

test("reserve makes room and keeps what is there", () => {
	const out = new EventBuffer();
	out.push({ kind: EventKind.AssetAdded, assetId: 5 });
	expect(out.reserve(10_000)).toBe(2);
	expect(out.words.length).toBeGreaterThanOrEqual(10_002);
	expect([...out.words.subarray(0, 2)]).toEqual([EventKind.AssetAdded, 5]);
	expect(out.count).toBe(2);
});

test("a part of the words is read by itself", () => {
	const events = [
		{ kind: EventKind.Deposited, userId: 1, assetId: 2 },
		{ kind: EventKind.BeatSeen },
		{ kind: EventKind.AssetAdded, assetId: 5 },
	] as const;
	expect(decodeEvents(encodeEvents(events), 3, 4)).toEqual([events[1]]);
	expect(decodeEvents(encodeEvents(events), 3)).toEqual(events.slice(1));
});

test.each([[[99]], [[EventKind.Deposited, 1]], [[EventKind.BeatSeen, 0]]])(
	"words that are not whole events are refused: %p",
	(words) => {
		expect(() => decodeEvents(words)).toThrow(RangeError);
	},
);
