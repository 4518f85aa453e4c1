/** Reads what a ByteWriter wrote. */
export class ByteReader {
	private readonly bytes: Uint8Array;
	private at = 0;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	/** @throws RangeError at the end of the bytes, or on a number beyond 2^53 − 1 */
	number(): number {
		let n = 0;
		let scale = 1;
		for (;;) {
			const byte = this.bytes[this.at];
			if (byte === undefined) throw new RangeError("the snapshot ends in the middle");
			this.at += 1;
			n += (byte % 128) * scale;
			if (byte < 128) break;
			scale *= 128;
		}
		if (!Number.isSafeInteger(n)) throw new RangeError("the snapshot has a number out of range");
		return n;
	}

	text(): string {
		const length = this.number();
		let text = "";
		for (let i = 0; i < length; i += 1) text += String.fromCharCode(this.number());
		return text;
	}

	get done(): boolean {
		return this.at === this.bytes.length;
	}
}
