import * as v from "valibot";
import { ApiError } from "../api-error.ts";
import type { EdgeServices } from "../services.ts";
import { Attempts } from "./attempts.ts";
import { auditOwn } from "./audit-own.ts";
import { replacedResult, replacedSession } from "./replaced-session.ts";
import { typedCode, wrongCode } from "./second-factor.ts";
import { triedPassword } from "./sign-in.ts";
import { stepUp } from "./step-up.ts";
import { newRecoveryCodes, newTotpSecret, plainCode, totpStep, totpUri } from "./totp.ts";
import { sessionRoute } from "./user-route.ts";

/** How long a secret waits for its first code. */
const CONFIRM_MS = 600_000;

export const startTotp = sessionRoute({
	method: "POST",
	path: "/auth/totp",
	summary:
		"Make a secret for an authenticator app, shown in this answer and never again. It is in force once /auth/totp/confirm has had a code of it, within ten minutes.",
	input: v.object({ password: triedPassword }),
	result: v.object({ secret: v.string(), uri: v.string() }),
	async respond(call, session) {
		const { services, body } = call;
		if ((await services.users.totpOf(session.userId)) !== null) throw inForce();
		const { user } = await stepUp(call, session, body.password, undefined);
		const secret = newTotpSecret(services.random);
		const sealed = await services.secretBox.seal(secret);
		await services.keyValue.set(startedKey(user.userId), sealed, CONFIRM_MS);
		return { status: 200, body: { secret, uri: totpUri(secret, user.email) } };
	},
});

export const confirmTotp = sessionRoute({
	method: "POST",
	path: "/auth/totp/confirm",
	summary:
		"Put TOTP in force. The recovery codes are shown in this answer and never again. All sessions end; this one goes on by a new cookie, or by the token in the answer. API keys stay.",
	input: v.object({ code: typedCode }),
	result: v.object({ ...replacedResult, recoveryCodes: v.array(v.string()) }),
	async respond(call, session) {
		const { services, ip, body } = call;
		const { userId } = session;
		const attempts = new Attempts(services);
		await attempts.ofCode(userId);
		const sealedSecret = await services.keyValue.get(startedKey(userId));
		if (sealedSecret === null) {
			throw new ApiError(-1130, "There is no secret to confirm: ask for one at /auth/totp.", 409);
		}
		const secret = await services.secretBox.open(sealedSecret);
		const step = totpStep(secret, plainCode(body.code), services.clock.nowMs());
		if (step === null) throw wrongCode();
		const { recoveryCodes, recoveryHashes } = await freshRecoveryCodes(services);
		const totp = { sealedSecret, lastStep: step, recoveryHashes };
		if (!(await services.users.setTotp(userId, totp))) throw inForce();
		// In force first: who signs in without a code at this moment is found by this, or sees that.
		const answer = await replacedSession(call, session, { recoveryCodes });
		await services.keyValue.delete(startedKey(userId));
		await attempts.codeWasRight(userId);
		await auditOwn(services, userId, "totp.confirm", ip);
		return answer;
	},
});

export const renewRecoveryCodes = sessionRoute({
	method: "POST",
	path: "/auth/totp/recovery-codes",
	summary:
		"Make ten new recovery codes, shown in this answer and never again. Those of before are good no longer.",
	input: v.object({ password: triedPassword, code: v.optional(typedCode) }),
	result: v.object({ recoveryCodes: v.array(v.string()) }),
	async respond(call, session) {
		const { services, ip, body } = call;
		const { user, totp } = await stepUp(call, session, body.password, body.code);
		if (totp === null) throw noneInForce();
		const { recoveryCodes, recoveryHashes } = await freshRecoveryCodes(services);
		const { sealedSecret } = totp;
		if (!(await services.users.setRecoveryCodes(user.userId, sealedSecret, recoveryHashes))) {
			throw noneInForce();
		}
		await auditOwn(services, user.userId, "recovery-codes.renew", ip);
		return { status: 200, body: { recoveryCodes } };
	},
});

export const removeTotp = sessionRoute({
	method: "POST",
	path: "/auth/totp/remove",
	summary:
		"Take TOTP away, with its recovery codes. All sessions end; this one goes on by a new cookie, or by the token in the answer.",
	input: v.object({ password: triedPassword, code: v.optional(typedCode) }),
	result: v.object(replacedResult),
	async respond(call, session) {
		const { services, ip, body } = call;
		const { user, totp } = await stepUp(call, session, body.password, body.code);
		if (totp === null) throw noneInForce();
		await services.users.removeTotp(user.userId);
		const answer = await replacedSession(call, session);
		await auditOwn(services, user.userId, "totp.remove", ip);
		return answer;
	},
});

/** To be shown once, and as they are kept. */
async function freshRecoveryCodes({
	random,
	signatures,
}: EdgeServices): Promise<{ recoveryCodes: string[]; recoveryHashes: string[] }> {
	const recoveryCodes = newRecoveryCodes(random);
	const recoveryHashes = await Promise.all(
		recoveryCodes.map((code) => signatures.sha256(plainCode(code))),
	);
	return { recoveryCodes, recoveryHashes };
}

function noneInForce(): ApiError {
	return new ApiError(-1130, "No TOTP is in force.", 409);
}

function inForce(): ApiError {
	return new ApiError(-1130, "TOTP is in force already: remove it first.", 409);
}

function startedKey(userId: number): string {
	return `totp-started:${userId}`;
}
