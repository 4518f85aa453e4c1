/**
 * The commission on what a fill receives, in the received asset's smallest units: rounded up, never
 * more than received. The one place where a fee is worked out; everybody calls it.
 *
 * @param received gross amount, in smallest units
 * @param feePpm rate in millionths
 */
export function feeOf(received: bigint, feePpm: number): bigint {
	if (feePpm <= 0 || received <= 0n) return 0n;
	const fee = (received * BigInt(feePpm) + 999_999n) / 1_000_000n;
	return fee < received ? fee : received;
}
