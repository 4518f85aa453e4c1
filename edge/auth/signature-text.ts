/** True for the hex text of an HMAC-SHA256, in any case. */
export function isHmacHex(text: string): boolean {
	return /^[0-9A-Fa-f]{64}$/.test(text);
}

/**
 * The bytes of base64 in its one canonical form; null for anything else. Were other spellings of the
 * same bytes let through, one signature could be used again as another text.
 */
export function canonicalBase64(text: string): Uint8Array<ArrayBuffer> | null {
	let binary: string;
	try {
		binary = atob(text);
	} catch {
		return null;
	}
	if (btoa(binary) !== text) return null;
	return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/** The DER bytes of a public key in PEM (SPKI); null when it is no such text. */
export function pemBytes(pem: string): Uint8Array<ArrayBuffer> | null {
	const match =
		/^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(pem);
	return match === null ? null : canonicalBase64(match[1]!.replaceAll(/\s/g, ""));
}
