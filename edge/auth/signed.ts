import { ownText } from "../../schemas/own-text.ts";
import type { Caller } from "../../schemas/ports/account-service.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Signatures, VerificationKey } from "../../schemas/ports/crypto.ts";
import type { Scope } from "../../schemas/ports/users.ts";
import { ApiError } from "../api-error.ts";
import { mandatory } from "../http/errors.ts";
import type { ParameterValues } from "../http/parameters.ts";
import type { KeyCache, UsableKey } from "./key-cache.ts";
import { checkTime, type RequestTime } from "./request-time.ts";

export interface Authenticated {
	readonly caller: Caller;
	readonly apiKey: string;
	/** null where nobody signed in. */
	readonly usable: UsableKey | null;
}

/** A call as it came, before anything about it is believed. */
export interface SignedCall {
	readonly apiKey: string;
	readonly ip: string;
	readonly values: ParameterValues;
	/** The signed text, and its signature; "" when there is none. */
	readonly payload: string;
	readonly signature: string;
	readonly scope: Scope;
	/** True for calls that a signature may make once only. */
	readonly once: boolean;
}

export const NOBODY: Authenticated = {
	caller: {
		userId: 0,
		keyId: 0,
		keyGeneration: 0,
		signatureDigest: "",
		timestampMs: 0,
		recvWindowMs: 0,
	},
	apiKey: "",
	usable: null,
};

/** What an unknown key's signature is checked against, so that it takes as long as a known one's. */
const DECOY: VerificationKey = { type: "hmac", material: "0".repeat(64) };
/** Longest signature that is its own digest: a base64 Ed25519 one. */
const SHORT_SIGNATURE = 88;

/**
 * Finds out who calls. What is refused first, and with what, is part of the interface:
 *
 * 1. key missing or malformed: -2014
 * 2. `signature` missing: -1102; `timestamp` missing or malformed: -1102
 * 3. recvWindow malformed or too large: -1131; time outside of it: -1021
 * 4. key unknown or revoked, or not from this address: -2015
 * 5. signature wrong: -1022
 * 6. scope missing: -2015 (after 5: only its owner learns what a key may do)
 *
 * -2014 and -2015 are HTTP 401, the others 400.
 */
export class Authenticator {
	private readonly keys: KeyCache;
	private readonly signatures: Signatures;
	private readonly clock: Clock;

	constructor(keys: KeyCache, signatures: Signatures, clock: Clock) {
		this.keys = keys;
		this.signatures = signatures;
		this.clock = clock;
	}

	/**
	 * At once when the key is remembered and its signature is checked at once.
	 *
	 * @throws ApiError as the class says, at once or as a rejection
	 */
	signed(call: SignedCall): Authenticated | Promise<Authenticated> {
		checkFormat(call.apiKey);
		if (call.signature === "") throw mandatory("signature");
		const time = checkTime(call.values, this.clock.nowMs());
		const found = this.keys.find(call.apiKey);
		if (found instanceof Promise) return found.then((usable) => this.verified(call, time, usable));
		return this.verified(call, time, found);
	}

	private verified(
		call: SignedCall,
		time: RequestTime,
		usable: UsableKey | null,
	): Authenticated | Promise<Authenticated> {
		const verdict = this.signatures.verify(
			usable?.verification ?? DECOY,
			call.payload,
			call.signature,
		);
		if (verdict instanceof Promise) {
			return verdict.then((genuine) => this.admitted(call, time, usable, genuine));
		}
		return this.admitted(call, time, usable, verdict);
	}

	private admitted(
		call: SignedCall,
		time: RequestTime,
		usable: UsableKey | null,
		genuine: boolean,
	): Authenticated | Promise<Authenticated> {
		checkUsable(usable, call.ip);
		if (!genuine) throw new ApiError(-1022, "Signature for this request is not valid.");
		checkScope(usable, call.scope);
		const digest = call.once ? this.digest(usable, call.signature) : "";
		if (digest instanceof Promise) return digest.then((text) => signer(call, time, usable, text));
		return signer(call, time, usable, digest);
	}

	/** Whoever uses the key next has it looked up: an account worker knows better than what is remembered. */
	forget(apiKey: string): void {
		this.keys.drop(apiKey);
	}

	/** A known key without a signature, for the calls that ask for no more. It must be able to read. */
	async known(apiKey: string, ip: string): Promise<Authenticated> {
		checkFormat(apiKey);
		const usable = await this.keys.find(apiKey);
		checkUsable(usable, ip);
		checkScope(usable, "read");
		return { caller: callerOf(usable, 0, 0), apiKey, usable };
	}

	/**
	 * A call of a WebSocket session that logged on with this key: no signature, but a timestamp.
	 *
	 * @throws ApiError -2015 when the key was revoked since
	 */
	async loggedOn(
		apiKey: string,
		ip: string,
		values: ParameterValues,
		scope: Scope,
	): Promise<Authenticated> {
		const usable = await this.stillUsable(apiKey, ip);
		const time = checkTime(values, this.clock.nowMs());
		checkScope(usable, scope);
		return { caller: callerOf(usable, time.timestampMs, time.recvWindowMs), apiKey, usable };
	}

	/** @throws ApiError -2015 when the key was revoked or is not from this address */
	async stillUsable(apiKey: string, ip: string): Promise<UsableKey> {
		const usable = await this.keys.find(apiKey);
		checkUsable(usable, ip);
		return usable;
	}

	/**
	 * A short text, to be kept, that is the same for every way to write the same signature. (Base64 that is not in
	 * its one canonical form is no signature: Signatures refuses it.)
	 */
	private digest(usable: UsableKey, signature: string): string | Promise<string> {
		if (usable.key.type === "hmac") return ownText(signature.toLowerCase());
		if (signature.length <= SHORT_SIGNATURE) return ownText(signature);
		return this.signatures.sha256(signature);
	}
}

/** @throws ApiError -2014 */
function checkFormat(apiKey: string): void {
	if (!/^[A-Za-z0-9]{64}$/.test(apiKey)) {
		throw new ApiError(-2014, "API-key format invalid.", 401);
	}
}

function checkUsable(usable: UsableKey | null, ip: string): asserts usable is UsableKey {
	if (usable === null) throw badKey();
	if (usable.key.ips.length > 0 && !usable.key.ips.includes(ip)) throw badKey();
}

function checkScope(usable: UsableKey, scope: Scope): void {
	if (!usable.key.scopes.includes(scope)) throw badKey();
}

function signer(
	call: SignedCall,
	time: RequestTime,
	usable: UsableKey,
	signatureDigest: string,
): Authenticated {
	const { keyId, userId, generation } = usable.key;
	const { timestampMs, recvWindowMs } = time;
	return {
		caller: {
			userId,
			keyId,
			keyGeneration: generation,
			signatureDigest,
			timestampMs,
			recvWindowMs,
		},
		apiKey: call.apiKey,
		usable,
	};
}

function callerOf(usable: UsableKey, timestampMs: number, recvWindowMs: number): Caller {
	return {
		userId: usable.key.userId,
		keyId: usable.key.keyId,
		keyGeneration: usable.key.generation,
		signatureDigest: "",
		timestampMs,
		recvWindowMs,
	};
}

/** -2015, HTTP 401. */
export function badKey(): ApiError {
	return new ApiError(-2015, "Invalid API-key, IP, or permissions for action.", 401);
}
