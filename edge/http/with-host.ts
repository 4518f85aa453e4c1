/**
 * The request with an absolute URL. Bun leaves out the host where the client named none, as in HTTP/1.0,
 * which health checks of balancers speak, or none that is one.
 */
export function withHost(request: Request): Request {
	if (!request.url.startsWith("/")) return request;
	return new Request(`http://localhost${request.url}`, request);
}
