/**
 * The same characters in a text of their own. An engine makes a part of a text without copying it, and the whole lives
 * as long as the part is kept: of what a call has sent, whoever keeps a name for minutes would keep all of it.
 */
export function ownText(text: string): string {
	return JSON.parse(JSON.stringify(text)) as string;
}
