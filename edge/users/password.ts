import * as v from "valibot";
import { ApiError } from "../api-error.ts";
import { Attempts } from "./attempts.ts";
import { auditOwn } from "./audit-own.ts";
import { sessionCookie } from "./session-token.ts";
import type { Session } from "./sessions.ts";
import { password, triedPassword } from "./sign-in.ts";
import { sessionRoute, type UserAnswer, type UserCall } from "./user-route.ts";

const changeBody = v.object({ currentPassword: triedPassword, newPassword: password });

export const changePassword = sessionRoute({
	method: "POST",
	path: "/auth/password",
	summary:
		"Change the password. All sessions end; this one goes on by a new cookie, or by the token in the answer. API keys stay.",
	input: changeBody,
	result: v.object({ endsAt: v.number(), token: v.optional(v.string()) }),
	respond: change,
});

async function change(
	call: UserCall<v.InferOutput<typeof changeBody>>,
	{ userId }: Session,
): Promise<UserAnswer> {
	const { services, sessions, ip, body } = call;
	const user = await services.users.userById(userId);
	if (user === null) throw new ApiError(-1002, "Sign in first.", 401);
	// Who found an open session must not find out the password by it.
	const attempts = new Attempts(services);
	await attempts.ofAddress(ip);
	await attempts.ofAccount(user.email, ip);
	if (!(await services.passwords.verify(body.currentPassword, user.passwordHash))) {
		throw wrongPassword();
	}
	const passwordHash = await services.passwords.hash(body.newPassword);
	if (!(await services.users.setPassword(userId, user.passwordHash, passwordHash))) {
		throw wrongPassword();
	}
	// The password first: who signs in with the one before at this moment is found by this, or sees that.
	await sessions.endAll(userId);
	await attempts.succeeded(user.email, ip);
	const { token, session } = await sessions.start(userId);
	await auditOwn(services, userId, "password.change", ip);
	const endsAt = session.endsAtMs;
	return call.token?.byCookie === false
		? { status: 200, body: { endsAt, token } }
		: {
				status: 200,
				body: { endsAt },
				cookie: sessionCookie(token, services.settings.sessionLifeMs),
			};
}

function wrongPassword(): ApiError {
	return new ApiError(-1002, "currentPassword: is wrong", 401);
}
