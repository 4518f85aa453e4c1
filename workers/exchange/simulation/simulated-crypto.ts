import type { Passwords, SecretBox, Signatures } from "../../../schemas/ports/crypto.ts";

/**
 * Pure stand-ins for cryptography: at once, the same every time, and still different for different
 * keys and texts. They protect nothing and exist in simulations only.
 */
export function simulatedSignature(secret: string, payload: string): string {
	return Bun.hash(`${secret}|${payload}`).toString(16).padStart(16, "0").repeat(4);
}

export const simulatedSignatures: Signatures = {
	verify: (key, payload, signature) => simulatedSignature(key.material, payload) === signature,
	isPublicKey: () => true,
	sha256: (text) => simulatedSignature("", text),
};

export const simulatedPasswords: Passwords = {
	hash: (password) => Promise.resolve(simulatedSignature("password", password)),
	verify: (password, stored) =>
		Promise.resolve(simulatedSignature("password", password) === stored),
};

export const simulatedSecretBox: SecretBox = {
	seal: (plain) => Promise.resolve(`sealed:${plain}`),
	open: (sealed) => Promise.resolve(sealed.slice("sealed:".length)),
};
