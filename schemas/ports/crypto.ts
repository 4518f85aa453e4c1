/** The three kinds of API key that Binance knows. */
export type KeyType = "hmac" | "ed25519" | "rsa";

/** What verifies a key's signatures: the shared secret (text) or the public key (PEM, SPKI). */
export interface VerificationKey {
	readonly type: KeyType;
	readonly material: string;
}

/** Signatures over raw bytes: those of the payload in UTF-8. Comparison is in constant time. May answer at once or later. */
export interface Signatures {
	/**
	 * HMAC: hex, any case; Ed25519 and RSASSA-PKCS1-v1_5 with SHA-256: base64. False for what is no
	 * signature at all; never throws for bad input.
	 */
	verify(key: VerificationKey, payload: string, signature: string): boolean | Promise<boolean>;
	/** True when a public key of that type can be read from the PEM text. */
	isPublicKey(type: "ed25519" | "rsa", pem: string): boolean | Promise<boolean>;
	/** Lower-case hex. */
	sha256(text: string): string | Promise<string>;
}

/** argon2id, m ≥ 19 MiB, t = 2. The stored text is PHC, so any implementation verifies any other's. */
export interface Passwords {
	hash(password: string): Promise<string>;
	verify(password: string, stored: string): Promise<boolean>;
}

/** Encryption at rest, AES-256-GCM under the venue's key. */
export interface SecretBox {
	seal(plain: string): Promise<string>;
	/** @throws Error when it was not sealed with this key */
	open(sealed: string): Promise<string>;
}
