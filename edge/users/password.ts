import * as v from "valibot";
import { auditOwn } from "./audit-own.ts";
import { replacedResult, replacedSession } from "./replaced-session.ts";
import { typedCode } from "./second-factor.ts";
import type { Session } from "./sessions.ts";
import { password, triedPassword } from "./sign-in.ts";
import { stepUp, wrongPassword } from "./step-up.ts";
import { sessionRoute, type UserAnswer, type UserCall } from "./user-route.ts";

const changeBody = v.object({
	currentPassword: triedPassword,
	newPassword: password,
	code: v.optional(typedCode),
});

export const changePassword = sessionRoute({
	method: "POST",
	path: "/auth/password",
	summary:
		"Change the password. All sessions end; this one goes on by a new cookie, or by the token in the answer. API keys stay.",
	input: changeBody,
	result: v.object(replacedResult),
	respond: change,
});

async function change(
	call: UserCall<v.InferOutput<typeof changeBody>>,
	session: Session,
): Promise<UserAnswer> {
	const { services, ip, body } = call;
	const { user } = await stepUp(call, session, body.currentPassword, body.code);
	const passwordHash = await services.passwords.hash(body.newPassword);
	if (!(await services.users.setPassword(user.userId, user.passwordHash, passwordHash))) {
		throw wrongPassword();
	}
	// The password first: who signs in with the one before at this moment is found by this, or sees that.
	const answer = await replacedSession(call, session);
	await auditOwn(services, user.userId, "password.change", ip);
	return answer;
}
