import { RowReader, type Scalar } from "./link/shape.ts";
import { userEventMessage } from "./link/user-event-shapes.ts";
import type { Channel } from "./ports/pubsub.ts";
import type { UserEventMessage } from "./user-event.ts";

/** Published by account workers after settling, before the HTTP answer. */
export const userEvents = userEventsOf(() => true);

/**
 * The same channel for who listens to some users only. Everybody hears what happens to all, so what is not wanted
 * is dropped unread where it comes as text. In one process the messages are passed on as they are.
 *
 * A message is a line: the user's id, and the row of the rest as JSON, which has no line's end in it.
 */
export function userEventsOf(
	isWanted: (userId: number) => boolean,
): Channel<readonly UserEventMessage[]> {
	return {
		name: "user-events",
		codec: {
			encode: (messages) => messages.map(lineOf).join("\n"),
			decode(text) {
				const messages: UserEventMessage[] = [];
				for (let at = 0, end = 0; at < text.length; at = end + 1) {
					end = text.indexOf("\n", at);
					if (end < 0) end = text.length;
					const space = text.indexOf(" ", at);
					if (isWanted(wholeOf(text.slice(at, space)))) {
						messages.push(messageOf(text.slice(space + 1, end)));
					}
				}
				return messages;
			},
		},
	};
}

function wholeOf(text: string): number {
	const value = Number(text);
	if (text === "" || !Number.isSafeInteger(value)) throw new RangeError("not a user's id");
	return value;
}

function lineOf(message: UserEventMessage): string {
	const row: Scalar[] = [];
	userEventMessage.write(message, row);
	return `${message.userId} ${JSON.stringify(row)}`;
}

/** @throws RangeError or SyntaxError for what is no message */
function messageOf(json: string): UserEventMessage {
	const row: unknown = JSON.parse(json);
	if (!Array.isArray(row)) throw new RangeError("not a user event");
	const reader = new RowReader(row);
	const message = userEventMessage.read(reader);
	reader.end();
	return message;
}
