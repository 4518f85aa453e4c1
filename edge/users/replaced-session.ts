import * as v from "valibot";
import { sessionAnswer } from "./session-answer.ts";
import type { Session } from "./sessions.ts";
import type { UserAnswer, UserCall } from "./user-route.ts";

/** What is answered, beside what the route says itself. */
export const replacedResult = { endsAt: v.number(), token: v.optional(v.string()) };

/** Ends all sessions of a user whose rights have changed, and starts the one that this call goes on with. */
export async function replacedSession(
	{ services, sessions, token: sent }: UserCall<unknown>,
	{ userId }: Session,
	body: object = {},
): Promise<UserAnswer> {
	await sessions.endAll(userId);
	const { token, session } = await sessions.start(userId);
	const all = { ...body, endsAt: session.endsAtMs };
	return sessionAnswer(services, token, sent?.byCookie === false, all);
}
