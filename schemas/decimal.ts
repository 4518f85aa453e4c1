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
	const fraction = (match[2] ?? "").replace(/0+$/, "");
	if (fraction.length > decimals) return "precision";
	return BigInt((match[1] ?? "0") + fraction.padEnd(decimals, "0"));
}

/** With more digits than this a text is left to `parseUnits`. */
const MOST_SAFE_DIGITS = 15;
const CODE_0 = 48;
const CODE_DOT = 46;

/**
 * The same as a number, for the usual text: digits, at most one dot with digits before and behind it,
 * not finer than the scale, all within 15 digits. -1 for everything else: then `parseUnits` knows.
 *
 * @param decimals at most 15
 */
export function parseSafeUnits(text: string, decimals: number): number {
	let units = 0;
	let digits = 0;
	/** Where the dot is, counted in digits; -1 before it comes. */
	let dot = -1;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code === CODE_DOT && dot < 0 && digits > 0) dot = digits;
		else {
			const digit = code - CODE_0;
			if (digit < 0 || digit > 9) return -1;
			units = units * 10 + digit;
			digits++;
		}
	}
	if (digits === dot) return -1;
	const missing = decimals - (dot < 0 ? 0 : digits - dot);
	if (digits === 0 || missing < 0 || digits + missing > MOST_SAFE_DIGITS) return -1;
	return units * 10 ** missing;
}

/** Decimal text with exactly `shown` places from integer units of 10^-decimals; shown ≥ decimals. */
export function formatUnits(units: bigint, decimals: number, shown: number = decimals): string {
	const negative = units < 0n;
	const digits = (negative ? -units : units).toString().padStart(decimals + 1, "0");
	const whole = digits.slice(0, digits.length - decimals);
	const fraction = digits.slice(digits.length - decimals).padEnd(shown, "0");
	return (negative ? "-" : "") + (shown === 0 ? whole : `${whole}.${fraction}`);
}
