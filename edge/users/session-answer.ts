import type { EdgeServices } from "../services.ts";
import { sessionCookie } from "./session-token.ts";
import type { UserAnswer } from "./user-route.ts";

/** The answer of a session that has begun: its token is in the body for who sends it as a bearer, else in a cookie. */
export function sessionAnswer(
	{ settings }: Pick<EdgeServices, "settings">,
	token: string,
	isBearer: boolean,
	body: object,
): UserAnswer {
	return isBearer
		? { status: 200, body: { ...body, token } }
		: { status: 200, body, cookie: sessionCookie(token, settings.sessionLifeMs) };
}
