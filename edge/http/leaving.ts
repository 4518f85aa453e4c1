/** The same answer, after which its client uses another connection. */
export function lastAnswer(response: Response): Response {
	response.headers.set("connection", "close");
	return response;
}

/** To whoever would open a WebSocket while others leave. */
export function goElsewhere(): Response {
	return lastAnswer(new Response(null, { status: 503, headers: { "retry-after": "1" } }));
}
