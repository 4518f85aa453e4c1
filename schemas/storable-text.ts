/**
 * Whether PostgreSQL keeps a text as it is. It takes no NUL, and half a surrogate pair would be another
 * character there. Whoever takes a text from outside that goes into the ledger asks before.
 */
export function isStorable(text: string): boolean {
	return text.isWellFormed() && !text.includes("\0");
}

/** What is said of a text that is not. */
export const NOT_STORABLE = "has a character that cannot be kept";
