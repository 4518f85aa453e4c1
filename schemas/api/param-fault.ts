/**
 * What is wrong with a parameter, as the message of a valibot issue: Binance's code, a space, its text.
 * `%s` in the text is the parameter's name, which only the path of the issue knows.
 */
export function fault(code: number, text: string): string {
	return `${code} ${text}`;
}

export const MALFORMED = [
	-1102,
	"Mandatory parameter '%s' was not sent, was empty/null, or malformed.",
] as const;

export const NOT_VALID = [-1130, "Data sent for parameter '%s' is not valid."] as const;

/** -1100 with the range that is legal. */
export function illegalCharacters(range: string): string {
	return fault(-1100, `Illegal characters found in parameter '%s'; legal range is '${range}'.`);
}
