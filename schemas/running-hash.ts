/**
 * A running hash over whole numbers: two 32-bit FNV-1a lanes with different starts, each fed the low
 * and high halves of every number. Not cryptographic: it tells one history from another, on every
 * runtime alike.
 */
export class RunningHash {
	private a: number;
	private b: number;

	/** Starts fresh, or from an earlier `digest`. */
	constructor(digest?: string) {
		this.a = digest === undefined ? 0x811c9dc5 : Number.parseInt(digest.slice(0, 8), 16) | 0;
		this.b = digest === undefined ? 0x9747b28c : Number.parseInt(digest.slice(8), 16) | 0;
	}

	/** Feeds one whole number, |n| ≤ 2^53. */
	add(n: number): void {
		const low = n | 0;
		const high = Math.floor(n / 4_294_967_296) | 0;
		this.a = Math.imul(Math.imul(this.a ^ low, 0x01000193) ^ high, 0x01000193);
		this.b = Math.imul(Math.imul(this.b ^ high, 0x85ebca6b) ^ low, 0xc2b2ae35) ^ (this.b >>> 15);
	}

	addAll(words: ArrayLike<number>, from = 0, to = words.length): void {
		for (let i = from; i < to; i += 1) this.add(words[i] as number);
	}

	/** Feeds a text, by its UTF-16 units and its length. */
	addText(text: string): void {
		for (let i = 0; i < text.length; i += 1) this.add(text.charCodeAt(i));
		this.add(text.length);
	}

	/** 16 hex digits. */
	digest(): string {
		return hex8(this.a) + hex8(this.b);
	}
}

function hex8(n: number): string {
	return (n >>> 0).toString(16).padStart(8, "0");
}
