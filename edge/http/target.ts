/** The path of an absolute URL, without parsing all of it. */
export function pathOf(url: string): string {
	const from = url.indexOf("/", url.indexOf("//") + 2);
	const query = url.indexOf("?", from);
	return url.slice(from, query === -1 ? undefined : query);
}

/**
 * The request with an absolute URL. Bun leaves out the host where the client named none, as in HTTP/1.0,
 * which health checks of balancers speak, or none that is one.
 */
export function withHost(request: Request): Request {
	if (!request.url.startsWith("/")) return request;
	return new Request(`http://localhost${request.url}`, request);
}

/** What stands behind the "?", as it was sent. */
export function queryOf(url: string): string {
	const start = url.indexOf("?");
	return start < 0 ? "" : url.slice(start + 1);
}
