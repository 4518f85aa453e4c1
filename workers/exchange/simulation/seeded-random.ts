import type { Random } from "../../../schemas/ports/random.ts";

/** All chance of a simulation: the same seed gives the same numbers (sfc32). */
export class SeededRandom implements Random {
	private a: number;
	private b: number;
	private c: number;
	private counter = 1;

	constructor(seed: number) {
		this.a = 0x9e3779b9 ^ seed;
		this.b = 0x243f6a88;
		this.c = Math.imul(seed, 0x85ebca6b);
		for (let i = 0; i < 16; i += 1) this.uint32();
	}

	/** From 0 up to, not including, 1. */
	unit(): number {
		return this.uint32() / 4_294_967_296;
	}

	/** A whole number from 0 up to, not including, `bound`. */
	below(bound: number): number {
		return Math.floor(this.unit() * bound);
	}

	chance(probability: number): boolean {
		return this.unit() < probability;
	}

	pick<T>(list: readonly T[]): T {
		return list[this.below(list.length)] as T;
	}

	bytes(count: number): Uint8Array<ArrayBuffer> {
		return Uint8Array.from({ length: count }, () => this.uint32() & 255);
	}

	private uint32(): number {
		const sum = (this.a + this.b + this.counter) | 0;
		this.counter = (this.counter + 1) | 0;
		this.a = this.b ^ (this.b >>> 9);
		this.b = (this.c + (this.c << 3)) | 0;
		this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
		return sum >>> 0;
	}
}
