/** The path of a URL, without parsing all of it; what it calls the host, if anything, may be wrong. */
export function pathOf(url: string): string {
	const from = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("//") + 2);
	const query = url.indexOf("?", from);
	return url.slice(from, query === -1 ? undefined : query);
}

/** What stands behind the "?", as it was sent. */
export function queryOf(url: string): string {
	const start = url.indexOf("?");
	return start < 0 ? "" : url.slice(start + 1);
}
