/** The path of an absolute URL, without parsing all of it. */
export function pathOf(url: string): string {
	const from = url.indexOf("/", url.indexOf("//") + 2);
	const query = url.indexOf("?", from);
	return url.slice(from, query === -1 ? undefined : query);
}

/** What stands behind the "?", as it was sent. */
export function queryOf(url: string): string {
	const start = url.indexOf("?");
	return start < 0 ? "" : url.slice(start + 1);
}
