import { expect, test } from "bun:test";
import type { ApiError } from "../api-error.ts";
import { readBody } from "./body.ts";

const URL = "http://h/";

async function refusal(request: Request): Promise<ApiError | null> {
	try {
		await readBody(request, 10);
		return null;
	} catch (error) {
		return error as ApiError;
	}
}

test("no body is no text", async () => {
	expect(await readBody(new Request(URL), 10)).toBe("");
});

test("the largest body is read, one byte more is 413", async () => {
	expect(await readBody(new Request(URL, { method: "POST", body: "0123456789" }), 10)).toBe(
		"0123456789",
	);
	const error = await refusal(new Request(URL, { method: "POST", body: "0123456789x" }));
	expect(error?.status).toBe(413);
});

test("bytes are counted, not characters", async () => {
	expect(await refusal(new Request(URL, { method: "POST", body: "€€€" }))).toBeNull();
	expect((await refusal(new Request(URL, { method: "POST", body: "€€€€" })))?.status).toBe(413);
});

test("a declared length that is too large is refused before anything is read", async () => {
	const request = new Request(URL, {
		method: "POST",
		headers: { "content-length": "11" },
		body: "x",
	});
	expect((await refusal(request))?.status).toBe(413);
	expect(request.bodyUsed).toBe(false);
});

test("an endless body without a length is left at the bound", async () => {
	let pulled = 0;
	const body = new ReadableStream<Uint8Array>({
		pull(controller) {
			pulled++;
			controller.enqueue(new Uint8Array(4));
		},
	});
	const error = await refusal(new Request(URL, { method: "POST", body }));
	expect(error?.status).toBe(413);
	expect(pulled).toBeLessThan(10);
});

test.each([
	["with", { "content-length": "5" }],
	["without", undefined],
] as const)(
	"a body %s a length that its sender breaks off is the sender's fault",
	async (_, headers) => {
		const body = new ReadableStream<Uint8Array>({
			start: (controller) => controller.error(new Error("gone")),
		});
		const request = new Request(URL, { method: "POST", body, ...(headers && { headers }) });
		expect((await refusal(request))?.status).toBe(400);
	},
);

test("a character cut in two by chunks is one character", async () => {
	const bytes = new TextEncoder().encode("a=€");
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			controller.enqueue(bytes.slice(0, 3));
			controller.enqueue(bytes.slice(3));
			controller.close();
		},
	});
	expect(await readBody(new Request(URL, { method: "POST", body }), 10)).toBe("a=€");
});
