import type { KeyType, Signatures, VerificationKey } from "../../schemas/ports/crypto.ts";
import { canonicalBase64, isHmacHex, pemBytes } from "./signature-text.ts";

const ALGORITHMS = {
	hmac: { name: "HMAC", hash: "SHA-256" },
	ed25519: { name: "Ed25519" },
	rsa: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
} as const;
const MAX_CACHED_KEYS = 10_000;

/**
 * Signatures by WebCrypto, for any runtime. Imported keys are kept: importing costs more than
 * verifying. `verify` of WebCrypto compares in constant time.
 */
export class WebSignatures implements Signatures {
	private readonly imported = new Map<string, Promise<CryptoKey | null>>();

	async verify(key: VerificationKey, payload: string, signature: string): Promise<boolean> {
		const bytes = key.type === "hmac" ? fromHex(signature) : canonicalBase64(signature);
		if (bytes === null) return false;
		const cryptoKey = await this.key(key);
		if (cryptoKey === null) return false;
		const { name } = ALGORITHMS[key.type];
		return await crypto.subtle.verify(name, cryptoKey, bytes, new TextEncoder().encode(payload));
	}

	async isPublicKey(type: "ed25519" | "rsa", pem: string): Promise<boolean> {
		return (await importKey(type, pem)) !== null;
	}

	async sha256(text: string): Promise<string> {
		const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
		return Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join("");
	}

	private key({ type, material }: VerificationKey): Promise<CryptoKey | null> {
		const name = `${type} ${material}`;
		let imported = this.imported.get(name);
		if (imported === undefined) {
			if (this.imported.size >= MAX_CACHED_KEYS) this.imported.clear();
			imported = importKey(type, material);
			this.imported.set(name, imported);
		}
		return imported;
	}
}

/** null when the material is no key of that type, or an RSA key below 2048 bits. */
async function importKey(type: KeyType, material: string): Promise<CryptoKey | null> {
	const format = type === "hmac" ? "raw" : "spki";
	const bytes = type === "hmac" ? new TextEncoder().encode(material) : pemBytes(material);
	if (bytes === null) return null;
	try {
		const key = await crypto.subtle.importKey(format, bytes, ALGORITHMS[type], false, ["verify"]);
		const { modulusLength } = key.algorithm as { modulusLength?: number };
		return modulusLength !== undefined && modulusLength < 2_048 ? null : key;
	} catch {
		return null;
	}
}

function fromHex(text: string): Uint8Array<ArrayBuffer> | null {
	if (!isHmacHex(text)) return null;
	const bytes = new Uint8Array(32);
	for (let i = 0; i < 32; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}
