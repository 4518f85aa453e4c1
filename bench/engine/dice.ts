/** Random whole numbers from a seed (xorshift, 32 bits): the same on every machine. */
export class Dice {
	private state: number;

	constructor(seed: number) {
		// A state of 0 would stay 0.
		this.state = Math.imul(seed + 1, 0x9e37_79b1) | 1;
		for (let i = 0; i < 8; i += 1) this.next();
	}

	/** A whole number from 0 to n − 1. */
	below(n: number): number {
		return this.next() % n;
	}

	/** A distance from 0 to 899, small ones far more often. */
	near(): number {
		const flat = this.below(900);
		return Math.trunc((flat * this.below(900)) / 900);
	}

	private next(): number {
		let x = this.state;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.state = x;
		return x >>> 0;
	}
}
