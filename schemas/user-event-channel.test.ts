import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { userEventSample } from "./testing/user-event-samples.ts";
import { userEvents, userEventsOf } from "./user-event-channel.ts";

const batches = fc.array(userEventSample, { minLength: 1, maxLength: 4 });

describe("the channel of user events", () => {
	test("what is sent arrives equal", () => {
		fc.assert(
			fc.property(batches, (messages) => {
				const text = userEvents.codec.encode(messages);
				expect(userEvents.codec.decode(text)).toStrictEqual(messages);
			}),
			{ numRuns: 200 },
		);
	});

	test("who listens to some users gets theirs, in order, and reads nothing else", () => {
		fc.assert(
			fc.property(batches, fc.nat(), (messages, choice) => {
				const wanted = messages[choice % messages.length]?.userId;
				const text = userEvents.codec.encode(messages);
				const others = text.split("\n").map((line) => {
					const userId = line.split(" ", 1)[0];
					return Number(userId) === wanted ? line : `${userId} unreadable`;
				});
				const { codec } = userEventsOf((userId) => userId === wanted);
				expect(codec.decode(others.join("\n"))).toStrictEqual(
					messages.filter(({ userId }) => userId === wanted),
				);
			}),
		);
	});

	test.each([
		["no id", "[1,2]"],
		["an empty id", " [1,2]"],
		["an empty line", "\n"],
		["no JSON", "7 x"],
		["no row", "7 {}"],
		["another row", "7 [7,0]"],
	])("garbage is an error: %s", (_name, text) => {
		expect(() => userEvents.codec.decode(text)).toThrow();
	});
});
