import * as v from "valibot";
import type { Totp } from "../../schemas/ports/users.ts";
import { ApiError } from "../api-error.ts";
import { Attempts } from "./attempts.ts";
import { auditOwn } from "./audit-own.ts";
import { isTotpCode, plainCode, totpStep } from "./totp.ts";
import type { UserCall } from "./user-route.ts";

/** An app's code or a recovery code. */
export const typedCode = v.pipe(v.string("must be a text"), v.maxLength(100, "is too long"));

type CodeCall = Pick<UserCall<unknown>, "services" | "ip">;

/**
 * Takes the code that a user with TOTP in force must send beside the password; each counts once. The password must
 * have been found right before: who does not know it learns nothing here, and cannot use up the tries.
 *
 * @returns what it was checked against; null where none is in force
 * @throws ApiError 401 without a code or for a wrong one, 429 after too many wrong ones
 */
export async function takeCode(
	call: CodeCall,
	userId: number,
	code: string | undefined,
): Promise<Totp | null> {
	const totp = await call.services.users.totpOf(userId);
	if (totp === null) return null;
	const plain = plainCode(code ?? "");
	if (plain === "") {
		throw new ApiError(-1002, "code: must be sent: that of your app, or a recovery code", 401);
	}
	if (isTotpCode(plain)) await takeAppCode(call, userId, totp, plain);
	else await takeRecoveryCode(call, userId, plain);
	return totp;
}

async function takeAppCode(
	{ services }: CodeCall,
	userId: number,
	{ sealedSecret }: Totp,
	code: string,
): Promise<void> {
	const attempts = new Attempts(services);
	await attempts.ofCode(userId);
	const secret = await services.secretBox.open(sealedSecret);
	const step = totpStep(secret, code, services.clock.nowMs());
	if (step === null || !(await services.users.takeTotpStep(userId, sealedSecret, step))) {
		throw wrongCode();
	}
	await attempts.codeWasRight(userId);
}

/** Not among the tries, since it cannot be guessed: whom another one's guesses lock out gets in by it. */
async function takeRecoveryCode(
	{ services, ip }: CodeCall,
	userId: number,
	code: string,
): Promise<void> {
	const hash = await services.signatures.sha256(code);
	if (!(await services.users.takeRecoveryCode(userId, hash))) throw wrongCode();
	await auditOwn(services, userId, "recovery-code.use", ip);
}

export function wrongCode(): ApiError {
	return new ApiError(-1002, "code: is wrong or was used; your app shows another soon", 401);
}
