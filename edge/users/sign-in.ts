import * as v from "valibot";
import { ApiError } from "../api-error.ts";
import { Attempts } from "./attempts.ts";
import { auditOwn } from "./audit-own.ts";
import { takeCode, typedCode } from "./second-factor.ts";
import { sessionAnswer } from "./session-answer.ts";
import { sessionCookie } from "./session-token.ts";
import { openRoute, sessionRoute, type UserAnswer, type UserCall } from "./user-route.ts";

/**
 * argon2id of a text nobody knows, with the parameters of every other: an account that does not exist
 * takes as long to refuse as one that does.
 */
const DECOY_HASH =
	"$argon2id$v=19$m=19456,t=2,p=1$dGJml+pgAWp9gwFlFq5EQA$apWQYY5jGyH5WQh14ePFzfYrEq0hF6md++WWTISYHOo";

const email = v.pipe(
	v.string("must be a text"),
	v.trim(),
	v.toLowerCase(),
	v.maxLength(254, "must be an e-mail address"),
	v.email("must be an e-mail address"),
);
export const password = v.pipe(
	v.string("must be a text"),
	v.minLength(12, "must have 12 to 128 characters"),
	v.maxLength(128, "must have 12 to 128 characters"),
);
/** Any length: that of a wrong password is nobody's business. */
export const triedPassword = v.pipe(v.string("must be a text"), v.maxLength(1_000, "is too long"));

const whoResult = v.object({ userId: v.number(), email: v.string() });

export const signUp = openRoute({
	path: "/auth/sign-up",
	summary: "Open an account. Sign in afterwards.",
	body: v.object({ email, password }),
	result: whoResult,
	async respond({ services, ip, body }) {
		if (!services.settings.signUpOpen) {
			throw new ApiError(-1002, "Accounts are opened by the operator here.", 403);
		}
		await new Attempts(services).ofAddress(ip);
		const user = await services.users.createUser({
			email: body.email,
			passwordHash: await services.passwords.hash(body.password),
			createdAtMs: services.clock.nowMs(),
		});
		if (user === null) throw new ApiError(-1130, "email: already has an account", 409);
		await auditOwn(services, user.userId, "user.create", ip);
		return { status: 201, body: { userId: user.userId, email: user.email } };
	},
});

const signInBody = v.object({
	email,
	password: triedPassword,
	code: v.optional(typedCode),
	bearer: v.optional(v.boolean("must be true or false"), false),
});

export const signIn = openRoute({
	path: "/auth/sign-in",
	summary:
		"Start a session: a cookie, or with `bearer` a token in the answer for Authorization: Bearer. With TOTP in force, `code` is asked for.",
	body: signInBody,
	result: v.object({
		userId: v.number(),
		email: v.string(),
		endsAt: v.number(),
		token: v.optional(v.string()),
	}),
	respond: startSession,
});

async function startSession(call: UserCall<v.InferOutput<typeof signInBody>>): Promise<UserAnswer> {
	const { services, sessions, ip, body } = call;
	const attempts = new Attempts(services);
	await attempts.ofAddress(ip);
	await attempts.ofAccount(body.email, ip);
	const user = await services.users.userByEmail(body.email);
	const right = await services.passwords.verify(body.password, user?.passwordHash ?? DECOY_HASH);
	if (user === null || !right) throw new ApiError(-1002, "Wrong email or password.", 401);
	const totp = await takeCode(call, user.userId, body.code);
	await attempts.succeeded(body.email, ip);
	if (call.token !== null) await sessions.end(call.token.token);
	const { token, session } = await sessions.start(user.userId);
	// A change of password or TOTP ends the sessions that it finds: one that was just on its way ends here.
	const userNow = await services.users.userById(user.userId);
	const totpNow = await services.users.totpOf(user.userId);
	if (userNow?.passwordHash !== user.passwordHash || totpNow?.sealedSecret !== totp?.sealedSecret) {
		await sessions.end(token);
		throw new ApiError(-1002, "Wrong email or password.", 401);
	}
	await auditOwn(services, user.userId, "login", ip);
	const who = { userId: user.userId, email: user.email, endsAt: session.endsAtMs };
	return sessionAnswer(services, token, body.bearer, who);
}

export const signOut = sessionRoute({
	method: "POST",
	path: "/auth/sign-out",
	summary: "End this session.",
	input: null,
	result: v.object({}),
	async respond({ sessions, token }) {
		if (token !== null) await sessions.end(token.token);
		return { status: 200, body: {}, cookie: sessionCookie("", 0) };
	},
});

export const signOutEverywhere = sessionRoute({
	method: "POST",
	path: "/auth/sign-out-everywhere",
	summary: "End all sessions of this account. API keys stay: revoke them one by one.",
	input: null,
	result: v.object({}),
	async respond({ services, sessions, ip }, { userId }) {
		await sessions.endAll(userId);
		await auditOwn(services, userId, "logout.everywhere", ip);
		return { status: 200, body: {}, cookie: sessionCookie("", 0) };
	},
});

export const currentSession = sessionRoute({
	method: "GET",
	path: "/auth/session",
	summary: "Who is signed in.",
	input: null,
	result: v.object({
		...whoResult.entries,
		frozen: v.boolean(),
		totp: v.boolean(),
		endsAt: v.number(),
	}),
	async respond({ services }, session) {
		const user = await services.users.userById(session.userId);
		if (user === null) throw new ApiError(-1002, "Sign in first.", 401);
		const { userId, email, frozen } = user;
		const totp = (await services.users.totpOf(userId)) !== null;
		return { status: 200, body: { userId, email, frozen, totp, endsAt: session.endsAtMs } };
	},
});
