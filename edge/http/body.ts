import { ApiError } from "../api-error.ts";

/**
 * The body as text; "" when there is none, and that at once. Stops reading at the first byte too many.
 *
 * @throws ApiError 413, 400 where it broke off
 */
export function readBody(request: Request, maxBytes: number): string | Promise<string> {
	const length = request.headers.get("content-length");
	if (length !== null) {
		if (length === "0") return "";
		if (Number(length) > maxBytes) throw tooLarge(maxBytes);
		return request.text().catch(brokenOff);
	}
	return request.body === null ? "" : readStream(request.body, maxBytes);
}

async function readStream(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
	const decoder = new TextDecoder();
	const reader = body.getReader();
	let text = "";
	let bytes = 0;
	for (;;) {
		const { done, value } = await reader.read().catch(brokenOff);
		if (done) return text + decoder.decode();
		bytes += value.byteLength;
		if (bytes > maxBytes) {
			// Not awaited: a sender that never ends would keep us waiting.
			reader.cancel().catch(() => undefined);
			throw tooLarge(maxBytes);
		}
		text += decoder.decode(value, { stream: true });
	}
}

/** Its sender went, or sent what is no chunk: nothing of ours has failed. */
function brokenOff(): never {
	throw new ApiError(-1130, "The request's body did not come whole.");
}

function tooLarge(maxBytes: number): ApiError {
	return new ApiError(-1130, `Request body is larger than ${maxBytes} bytes.`, 413);
}
