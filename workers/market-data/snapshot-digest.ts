/** Tells damaged bytes from whole ones: two FNV-1a lanes over whole words, then over single bytes. */
export class Digest {
	private readonly body: Uint8Array;
	private readonly words: Int32Array;
	private a = 0x811c9dc5;
	private b: number;
	private next = 0;

	constructor(body: Uint8Array) {
		this.body = body;
		this.b = body.length;
		const isAligned = body.byteOffset % 4 === 0;
		const from = isAligned ? body : body.slice();
		this.words = new Int32Array(from.buffer, from.byteOffset, body.length >> 2);
	}

	/** @returns whether all of the body is in it */
	go(bytes: number): boolean {
		const { words, body } = this;
		const end = Math.min(words.length, this.next + (bytes >> 2));
		let { a, b } = this;
		for (let i = this.next; i < end; i += 1) {
			const word = words[i] as number;
			a = Math.imul(a ^ word, 0x01000193);
			b = Math.imul(b ^ (word >>> 13) ^ (word << 19), 0x85ebca6b);
		}
		this.next = end;
		this.b = b;
		this.a = a;
		if (end < words.length) return false;
		for (let i = words.length * 4; i < body.length; i += 1) {
			this.a = Math.imul(this.a ^ (body[i] as number), 0x01000193);
		}
		return true;
	}

	/** Hex digits. */
	text(): string {
		return [this.a, this.b].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
	}
}
