import {
	createHash,
	createHmac,
	createPublicKey,
	type KeyObject,
	timingSafeEqual,
	verify,
} from "node:crypto";
import type { Signatures, VerificationKey } from "../../schemas/ports/crypto.ts";
import { canonicalBase64, isHmacHex, pemBytes } from "../auth/signature-text.ts";

const KEY_TYPES = { ed25519: "ed25519", rsa: "rsa" } as const;
const MIN_RSA_BITS = 2_048;
const MAX_CACHED_KEYS = 10_000;
const HMAC_BYTES = 32;

/**
 * Signatures by the runtime's own cryptography, at once: an HMAC takes a fraction of what it takes by
 * WebCrypto. The state of SHA-256 after the padded secret is kept, and copied for each payload.
 */
export class NodeSignatures implements Signatures {
	private readonly publicKeys = new Map<string, KeyObject | null>();
	private readonly hashers = new Map<string, Bun.CryptoHasher>();
	private readonly given = Buffer.alloc(HMAC_BYTES);

	verify(key: VerificationKey, payload: string, signature: string): boolean {
		if (key.type === "hmac") {
			// The writing alone would take each character by its low byte: another text of the same signature.
			if (!isHmacHex(signature)) return false;
			this.given.write(signature, "hex");
			return timingSafeEqual(this.hmac(key.material, payload), this.given);
		}
		const bytes = canonicalBase64(signature);
		const publicKey = this.publicKey(key.type, key.material);
		if (bytes === null || publicKey === null) return false;
		return verify(key.type === "rsa" ? "sha256" : null, Buffer.from(payload), publicKey, bytes);
	}

	isPublicKey(type: "ed25519" | "rsa", pem: string): boolean {
		return readPublicKey(type, pem) !== null;
	}

	sha256(text: string): string {
		return createHash("sha256").update(text).digest("hex");
	}

	private hmac(secret: string, payload: string): Uint8Array {
		try {
			return this.hasher(secret).copy().update(payload).digest();
		} catch {
			// A key that could not be read has left its error behind in OpenSSL, and Bun throws it here.
			return createHmac("sha256", secret).update(payload).digest();
		}
	}

	private hasher(secret: string): Bun.CryptoHasher {
		const known = this.hashers.get(secret);
		if (known !== undefined) return known;
		if (this.hashers.size >= MAX_CACHED_KEYS) this.hashers.clear();
		const hasher = new Bun.CryptoHasher("sha256", secret);
		this.hashers.set(secret, hasher);
		return hasher;
	}

	private publicKey(type: "ed25519" | "rsa", pem: string): KeyObject | null {
		const name = `${type} ${pem}`;
		const known = this.publicKeys.get(name);
		if (known !== undefined) return known;
		if (this.publicKeys.size >= MAX_CACHED_KEYS) this.publicKeys.clear();
		const key = readPublicKey(type, pem);
		this.publicKeys.set(name, key);
		return key;
	}
}

function readPublicKey(type: "ed25519" | "rsa", pem: string): KeyObject | null {
	// A private key would be read, too: its public part follows from it. It has no business here.
	const der = pemBytes(pem);
	if (der === null) return null;
	try {
		const key = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
		if (key.asymmetricKeyType !== KEY_TYPES[type]) return null;
		const bits = key.asymmetricKeyDetails?.modulusLength;
		return bits !== undefined && bits < MIN_RSA_BITS ? null : key;
	} catch {
		return null;
	}
}
