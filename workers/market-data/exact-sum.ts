/**
 * A sum of safe integers that may pass 2^53 and stays exact: a plain number as long as it fits, the
 * rest as bigint. Adding is as cheap as adding numbers.
 */
export class ExactSum {
	private low = 0;
	private high = 0n;
	/** Whether `high` is in use; asking a bigint costs ten times as much. */
	private carried = false;

	/** @param n a safe integer, not negative */
	add(n: number): void {
		const sum = this.low + n;
		if (sum <= Number.MAX_SAFE_INTEGER) {
			this.low = sum;
		} else {
			this.carry(BigInt(this.low));
			this.low = n;
		}
	}

	addSum(other: ExactSum): void {
		this.add(other.low);
		if (other.carried) this.carry(other.high);
	}

	value(): bigint {
		return this.carried ? this.high + BigInt(this.low) : BigInt(this.low);
	}

	static of(value: bigint): ExactSum {
		const sum = new ExactSum();
		if (value <= BigInt(Number.MAX_SAFE_INTEGER)) sum.low = Number(value);
		else sum.carry(value);
		return sum;
	}

	private carry(amount: bigint): void {
		this.high += amount;
		this.carried = true;
	}
}
