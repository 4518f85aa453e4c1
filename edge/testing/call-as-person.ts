import type { Edge } from "../app.ts";

/** One call of the accounts API for people, with a body in JSON or none. */
export async function callAsPerson(
	edge: Edge,
	method: string,
	path: string,
	body: unknown,
	headers: Readonly<Record<string, string>>,
	ip: string,
) {
	const request = new Request(`http://castle.test${path}`, {
		method,
		headers: { ...(body !== null && { "content-type": "application/json" }), ...headers },
		...(body !== null && { body: JSON.stringify(body) }),
	});
	const response = await edge.fetch(request, { ip });
	return { status: response.status, headers: response.headers, text: await response.text() };
}
