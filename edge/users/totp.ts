import { Secret, TOTP } from "otpauth";
import type { Random } from "../../schemas/ports/random.ts";

/** What every authenticator app takes for granted (RFC 6238). */
const RULES = { algorithm: "SHA1", digits: 6, period: 30 } as const;
const STEP_MS = 30_000;
/** How many steps the app's clock may be ahead of ours, or behind. */
const STEPS_APART = 1;
const ISSUER = "Castle";
/** 160 bits. */
const SECRET_BYTES = 20;
/** 80 bits: 16 letters of base32, too many to be guessed, also of a stolen hash. */
const RECOVERY_BYTES = 10;
const RECOVERY_CODES = 10;

/** In base32. */
export function newTotpSecret(random: Random): string {
	return randomBase32(random, SECRET_BYTES);
}

/** What an authenticator app reads, as a QR code or a link. */
export function totpUri(secret: string, email: string): string {
	return new TOTP({ ...RULES, issuer: ISSUER, label: email, secret }).toString();
}

/** Which time step this is the code of, of those about now; null: of none. */
export function totpStep(secret: string, code: string, nowMs: number): number | null {
	const totp = new TOTP({ ...RULES, secret });
	const apart = totp.validate({ token: code, timestamp: nowMs, window: STEPS_APART });
	return apart === null ? null : Math.floor(nowMs / STEP_MS) + apart;
}

/** "ABCD-EFGH-IJKL-MNOP", ten of them. */
export function newRecoveryCodes(random: Random): string[] {
	return Array.from({ length: RECOVERY_CODES }, () =>
		randomBase32(random, RECOVERY_BYTES).replaceAll(/(.{4})(?=.)/g, "$1-"),
	);
}

/** A code of either kind without what people put between its characters, in capitals. */
export function plainCode(typed: string): string {
	return typed.replaceAll(/[\s-]/g, "").toUpperCase();
}

/** Whether it has the form of an app's code: a recovery code never has. */
export function isTotpCode(plain: string): boolean {
	return /^\d{6}$/.test(plain);
}

function randomBase32(random: Random, count: number): string {
	return new Secret({ buffer: random.bytes(count).buffer }).base32;
}
