/** Whole numbers as few bytes: little numbers take one. What snapshots are made of. */
export class ByteWriter {
	private bytes = new Uint8Array(1_024);
	private length = 0;

	/** A whole number from 0 up to 2^53 - 1. */
	uint(n: number): void {
		this.room(8);
		let rest = n;
		while (rest >= 128) {
			this.bytes[this.length] = (rest % 128) + 128;
			this.length += 1;
			rest = Math.floor(rest / 128);
		}
		this.bytes[this.length] = rest;
		this.length += 1;
	}

	/** A whole number of either sign within 2^53: twice its size, or one less, whose lowest bits are the first byte's. */
	int(n: number): void {
		const size = n < 0 ? -(n + 1) : n;
		const lowest = (size % 64) * 2 + (n < 0 ? 1 : 0);
		if (size < 64) return this.uint(lowest);
		this.room(1);
		this.bytes[this.length] = lowest + 128;
		this.length += 1;
		this.uint(Math.floor(size / 64));
	}

	/** A bigint, not negative. */
	big(n: bigint): void {
		const low = BigInt.asUintN(52, n);
		this.uint(Number(low));
		this.uint(Number(n >> 52n));
	}

	raw(bytes: Uint8Array): void {
		this.room(bytes.length);
		this.bytes.set(bytes, this.length);
		this.length += bytes.length;
	}

	/** A copy of what was written since the last time. */
	take(): Uint8Array {
		const written = this.bytes.slice(0, this.length);
		this.length = 0;
		return written;
	}

	private room(more: number): void {
		if (this.length + more <= this.bytes.length) return;
		const bigger = new Uint8Array(Math.max(this.length + more, this.bytes.length * 2));
		bigger.set(this.bytes.subarray(0, this.length));
		this.bytes = bigger;
	}
}

/** Reads what ByteWriter wrote, in the same order. */
export class ByteReader {
	private readonly bytes: Uint8Array;
	private at = 0;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	/** @throws RangeError at the end of the bytes */
	uint(): number {
		let n = 0;
		let factor = 1;
		for (;;) {
			const byte = this.bytes[this.at];
			if (byte === undefined) throw new RangeError("the bytes end within a number");
			this.at += 1;
			if (byte < 128) return n + byte * factor;
			n += (byte - 128) * factor;
			factor *= 128;
		}
	}

	/** @throws RangeError at the end of the bytes */
	int(): number {
		const lowest = this.bytes[this.at];
		if (lowest === undefined) throw new RangeError("the bytes end within a number");
		this.at += 1;
		const size = ((lowest & 127) >> 1) + (lowest < 128 ? 0 : this.uint() * 64);
		return (lowest & 1) === 0 ? size : -size - 1;
	}

	big(): bigint {
		const low = BigInt(this.uint());
		return low + (BigInt(this.uint()) << 52n);
	}

	/** @throws RangeError when there are fewer */
	raw(length: number): Uint8Array {
		if (this.at + length > this.bytes.length) throw new RangeError("the bytes end too early");
		this.at += length;
		return this.bytes.subarray(this.at - length, this.at);
	}

	get atEnd(): boolean {
		return this.at === this.bytes.length;
	}
}
