/**
 * A sum of safe integers that may pass 2^53 and stays exact: a plain number as long as it fits, the
 * rest as bigint. Adding is as cheap as adding numbers.
 */
export class ExactSum {
	private low = 0;
	private high = 0n;

	/** @param n a safe integer, not negative */
	add(n: number): void {
		const sum = this.low + n;
		if (sum <= Number.MAX_SAFE_INTEGER) {
			this.low = sum;
		} else {
			this.high += BigInt(this.low);
			this.low = n;
		}
	}

	addSum(other: ExactSum): void {
		this.add(other.low);
		if (other.high !== 0n) this.high += other.high;
	}

	value(): bigint {
		return this.high + BigInt(this.low);
	}

	static of(value: bigint): ExactSum {
		const sum = new ExactSum();
		if (value <= BigInt(Number.MAX_SAFE_INTEGER)) sum.low = Number(value);
		else sum.high = value;
		return sum;
	}
}
