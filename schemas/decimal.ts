/**
 * Decimal text at the edges, integers inside. No float ever holds money: text goes to `bigint` units
 * digit by digit and back.
 */

/** Why a text is no amount: not a plain decimal number, or finer than the scale allows. */
export type DecimalFault = "malformed" | "precision" | "overflow";

const PLAIN = /^(\d{1,30})(?:\.(\d{0,30}))?$/;

/**
 * Integer units of 10^-decimals from plain decimal text ("12.5" at 8 decimals is 1250000000n).
 * No sign, exponent, space or leading dot. Trailing zeros beyond `decimals` are allowed; other digits
 * there are a "precision" fault.
 */
export function parseUnits(text: string, decimals: number): bigint | DecimalFault {
	const match = PLAIN.exec(text);
	if (match === null) return /^\d{31,}(\.\d*)?$/.test(text) ? "overflow" : "malformed";
	let fraction = match[2] ?? "";
	if (fraction.length > decimals) fraction = fraction.replace(/0+$/, "");
	if (fraction.length > decimals) return "precision";
	return BigInt((match[1] ?? "0") + fraction.padEnd(decimals, "0"));
}

/** Decimal text with exactly `shown` places from integer units of 10^-decimals; shown ≥ decimals. */
export function formatUnits(units: bigint, decimals: number, shown: number = decimals): string {
	const negative = units < 0n;
	const digits = (negative ? -units : units).toString().padStart(decimals + 1, "0");
	const whole = digits.slice(0, digits.length - decimals);
	const fraction = digits.slice(digits.length - decimals).padEnd(shown, "0");
	return (negative ? "-" : "") + (shown === 0 ? whole : `${whole}.${fraction}`);
}
