import type { SecretBox } from "../../schemas/ports/crypto.ts";
import { canonicalBase64 } from "./signature-text.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const PREFIX = "v1.";

/** AES-256-GCM by WebCrypto. Sealed: "v1." and base64 of a random nonce and the ciphertext. */
export class WebSecretBox implements SecretBox {
	private readonly key: Promise<CryptoKey>;

	/** @param keyHex the venue's key, 64 hex digits */
	constructor(keyHex: string) {
		if (!/^[0-9A-Fa-f]{64}$/.test(keyHex)) {
			throw new Error("the venue's key must be 64 hex digits");
		}
		const bytes = new Uint8Array(KEY_BYTES);
		for (let i = 0; i < KEY_BYTES; i++) {
			bytes[i] = Number.parseInt(keyHex.slice(i * 2, i * 2 + 2), 16);
		}
		this.key = crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
	}

	async seal(plain: string): Promise<string> {
		const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
		const sealed = await crypto.subtle.encrypt(
			{ name: "AES-GCM", iv: nonce },
			await this.key,
			new TextEncoder().encode(plain),
		);
		return PREFIX + btoa(binary(nonce) + binary(new Uint8Array(sealed)));
	}

	async open(sealed: string): Promise<string> {
		const bytes = sealed.startsWith(PREFIX) ? canonicalBase64(sealed.slice(PREFIX.length)) : null;
		if (bytes === null || bytes.length <= NONCE_BYTES) throw new Error("not a sealed secret");
		try {
			const plain = await crypto.subtle.decrypt(
				{ name: "AES-GCM", iv: bytes.slice(0, NONCE_BYTES) },
				await this.key,
				bytes.slice(NONCE_BYTES),
			);
			return new TextDecoder().decode(plain);
		} catch (cause) {
			throw new Error("the secret was not sealed with this key", { cause });
		}
	}
}

function binary(bytes: Uint8Array): string {
	return String.fromCharCode(...bytes);
}
