import type { Random } from "./ports/random.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** The largest multiple of 62 in a byte: what is above would favour the first letters. */
const FAIR_BYTES = 248;

/** Letters and digits, each as likely as any other: 5.95 bits apiece. */
export function randomText(random: Random, length: number): string {
	let text = "";
	while (text.length < length) {
		for (const byte of random.bytes(length - text.length + 8)) {
			if (byte < FAIR_BYTES && text.length < length) text += LETTERS[byte % LETTERS.length];
		}
	}
	return text;
}
