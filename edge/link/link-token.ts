/** The header a worker shows its token in. */
const HEADER = "authorization";
const SCHEME = "Bearer ";

/** True when a request to upgrade shows the token that all processes of the venue share. */
export function showsLinkToken(headers: Headers, token: string): boolean {
	const shown = headers.get(HEADER) ?? "";
	return sameText(shown, SCHEME + token);
}

/** In a time that depends on the lengths only. */
function sameText(a: string, b: string): boolean {
	let difference = a.length ^ b.length;
	for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
	return difference === 0;
}
