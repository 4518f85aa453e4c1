import type { Totp, User } from "../../schemas/ports/users.ts";
import { ApiError } from "../api-error.ts";
import { Attempts } from "./attempts.ts";
import { takeCode } from "./second-factor.ts";
import type { Session } from "./sessions.ts";
import type { UserCall } from "./user-route.ts";

/**
 * Asks once more who it is, before what outlasts a session or takes a protection away: the password, and the code
 * where TOTP is in force. Wrong ones count as at sign-in: who found an open session must not find them out by it.
 *
 * @throws ApiError 401 for a wrong one or a missing code, 429 after too many wrong ones
 */
export async function stepUp(
	call: UserCall<unknown>,
	{ userId }: Session,
	password: string,
	code: string | undefined,
): Promise<{ readonly user: User; readonly totp: Totp | null }> {
	const { services, ip } = call;
	const user = await services.users.userById(userId);
	if (user === null) throw new ApiError(-1002, "Sign in first.", 401);
	const attempts = new Attempts(services);
	await attempts.ofAddress(ip);
	await attempts.ofAccount(user.email, ip);
	if (!(await services.passwords.verify(password, user.passwordHash))) throw wrongPassword();
	const totp = await takeCode(call, userId, code);
	await attempts.succeeded(user.email, ip);
	return { user, totp };
}

export function wrongPassword(): ApiError {
	return new ApiError(-1002, "Wrong password.", 401);
}
