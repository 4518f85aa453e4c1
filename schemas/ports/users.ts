import type { KeyType } from "./crypto.ts";

export type Scope = "read" | "trade" | "withdraw";

export interface User {
	/** From 1. */
	readonly userId: number;
	/** Lower case. */
	readonly email: string;
	/** PHC text. */
	readonly passwordHash: string;
	readonly frozen: boolean;
	readonly createdAtMs: number;
}

export interface ApiKey {
	readonly keyId: number;
	readonly userId: number;
	/** The public name of the key, 64 characters: X-MBX-APIKEY. */
	readonly apiKey: string;
	readonly type: KeyType;
	/** HMAC: the secret, sealed. Ed25519 and RSA: the public key in PEM. */
	readonly material: string;
	readonly label: string;
	readonly scopes: readonly Scope[];
	/** Addresses it may be used from; empty is any. */
	readonly ips: readonly string[];
	/** From 1; raised by every change. */
	readonly generation: number;
	readonly revoked: boolean;
	readonly createdAtMs: number;
}

/** A user's second factor that is in force: codes of an app by the time, and others for when the app is lost. */
export interface Totp {
	/** In base32, sealed. */
	readonly sealedSecret: string;
	/** The time step whose code was taken last; no other is taken that is not later. */
	readonly lastStep: number;
	/** sha256 of each that was not used yet. */
	readonly recoveryHashes: readonly string[];
}

/** Users, their second factors and keys in Aurora. */
export interface Users {
	/** null when the address is taken. */
	createUser(user: Omit<User, "userId" | "frozen">): Promise<User | null>;
	userByEmail(email: string): Promise<User | null>;
	userById(userId: number): Promise<User | null>;
	/** Where the hash is `before`; false, and nothing set, where it is not. */
	setPassword(userId: number, before: string, passwordHash: string): Promise<boolean>;
	setFrozen(userId: number, frozen: boolean): Promise<boolean>;
	/** null where none is in force. */
	totpOf(userId: number): Promise<Totp | null>;
	/** False, and nothing set, where one is in force. */
	setTotp(userId: number, totp: Totp): Promise<boolean>;
	/** Writes down that the code of this step was taken: false where this or a later one was, or the secret is another. */
	takeTotpStep(userId: number, sealedSecret: string, step: number): Promise<boolean>;
	/** Takes away the recovery code of this hash; false where there is none such. */
	takeRecoveryCode(userId: number, hash: string): Promise<boolean>;
	/** Puts these hashes in the place of all before; false where no TOTP of that secret is in force. */
	setRecoveryCodes(
		userId: number,
		sealedSecret: string,
		recoveryHashes: readonly string[],
	): Promise<boolean>;
	/** False where none is in force. */
	removeTotp(userId: number): Promise<boolean>;
	/** null, and nothing made, where the user has `most` keys that are not revoked; by default there is no bound. */
	createKey(
		key: Omit<ApiKey, "keyId" | "generation" | "revoked">,
		most?: number,
	): Promise<ApiKey | null>;
	/** Revoked ones too. */
	keyByText(apiKey: string): Promise<ApiKey | null>;
	keysOf(userId: number): Promise<readonly ApiKey[]>;
	/** Raises the generation; null when it is not this user's or was revoked before. */
	revokeKey(userId: number, keyId: number): Promise<ApiKey | null>;
}

/** Where a shard's user is found: the same rule everywhere. Shard 0 is the venue's. */
export function shardOfUser(userId: number, accountShards: number): number {
	return 1 + (userId % accountShards);
}
