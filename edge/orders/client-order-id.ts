import type { Random } from "../../schemas/ports/random.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LENGTH = 22;

/** A name for an order or a cancel whose client gave none: 22 characters, 132 random bits. */
export function newClientOrderId(random: Random): string {
	let id = "";
	for (const byte of random.bytes(LENGTH)) id += ALPHABET[byte & 63];
	return id;
}
