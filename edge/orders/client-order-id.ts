import { ownText } from "../../schemas/own-text.ts";
import type { Random } from "../../schemas/ports/random.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LENGTH = 22;

const LETTERS = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));
const ascii = new TextDecoder("latin1");

/** The name that a client gives to an order or a cancel, to be kept, or a new one. */
export function clientOrderIdOf(given: string | undefined, random: Random): string {
	return given === undefined ? newClientOrderId(random) : ownText(given);
}

/** 22 characters, 132 random bits. */
function newClientOrderId(random: Random): string {
	const bytes = random.bytes(LENGTH);
	for (let i = 0; i < LENGTH; i++) bytes[i] = LETTERS[bytes[i]! & 63]!;
	return ascii.decode(bytes);
}
