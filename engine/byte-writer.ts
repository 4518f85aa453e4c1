import { invariant } from "../schemas/invariant.ts";

/** Up to here bits can be shifted, which is quicker than division. */
const SMALL = 0x7fffffff;

/** Whole numbers and texts as bytes: seven bits a byte, lowest first, the same on every machine. */
export class ByteWriter {
	private bytes = new Uint8Array(4_096);
	private length = 0;

	/** Writes a whole number from 0 to 2^53 − 1. */
	number(n: number): void {
		invariant(Number.isSafeInteger(n) && n >= 0, "state is whole numbers");
		if (this.length + 8 > this.bytes.length) this.grow();
		const { bytes } = this;
		let at = this.length;
		let rest = n;
		for (; rest > SMALL; at += 1) {
			bytes[at] = (rest % 128) + 128;
			rest = Math.floor(rest / 128);
		}
		for (; rest > 127; at += 1) {
			bytes[at] = (rest & 127) | 128;
			rest >>= 7;
		}
		bytes[at] = rest;
		this.length = at + 1;
	}

	text(text: string): void {
		this.number(text.length);
		for (let i = 0; i < text.length; i += 1) this.number(text.charCodeAt(i));
	}

	/** A copy of what was written since the last one. */
	take(): Uint8Array {
		const taken = this.bytes.slice(0, this.length);
		this.length = 0;
		return taken;
	}

	private grow(): void {
		const bigger = new Uint8Array(this.bytes.length * 2);
		bigger.set(this.bytes);
		this.bytes = bigger;
	}
}
