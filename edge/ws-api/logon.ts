import { ApiError } from "../api-error.ts";
import type { Authenticated, Authenticator, SignedCall } from "../auth/signed.ts";

/** The key a connection has logged on with. */
export interface Logon {
	readonly apiKey: string;
	readonly sinceMs: number;
}

/**
 * Checks a logon: signed by an Ed25519 key that may read.
 *
 * @throws ApiError as any signed call; -4056 for a key of another kind
 */
export async function checkLogon(
	authenticator: Authenticator,
	call: SignedCall,
): Promise<Authenticated> {
	const authenticated = await authenticator.signed(call);
	const type = authenticated.usable?.key.type;
	if (type !== "ed25519") {
		const name = type === "rsa" ? "RSA" : "HMAC_SHA256";
		throw new ApiError(-4056, `${name} API key is not supported.`);
	}
	return authenticated;
}
