import { TOTP } from "otpauth";

/** What an authenticator app with this secret shows, so many steps of 30 seconds from now. */
export function appCode(secret: string, steps = 0): string {
	return new TOTP({ secret }).generate({ timestamp: Date.now() + steps * 30_000 });
}
