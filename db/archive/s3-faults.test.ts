/** An S3 that answers as a faulty one does, over HTTP. */
import { afterEach, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { ArchiveCorrupt } from "../../schemas/ports/archive.ts";
import { sealed } from "./envelope.ts";
import { S3Archive } from "./s3-archive.ts";

const servers: Server[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) server.close();
});

const SLOW_DOWN = answer(503, "<Error><Code>SlowDown</Code><Message>Reduce</Message></Error>");
const EXPIRED = answer(400, "<Error><Code>ExpiredToken</Code><Message>Expired</Message></Error>");
const whole = sealed(new Uint8Array(1_000).fill(7));

function answer(status: number, body: string | Uint8Array, length: number = body.length): Buffer {
	const head = `HTTP/1.1 ${status} X\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
	return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

/** Gives each of these in turn, the last one ever after, and closes each time. */
async function archiveOf(...answers: Buffer[]): Promise<{ archive: S3Archive; asked(): number }> {
	let asked = 0;
	const server = createServer((socket) => {
		socket.on("error", () => {});
		socket.once("data", () => {
			socket.end(answers[Math.min(asked, answers.length - 1)] as Buffer);
			asked += 1;
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	servers.push(server);
	const { port } = server.address() as { port: number };
	const credentials = { accessKeyId: "test", secretAccessKey: "secret" };
	const endpoint = `http://127.0.0.1:${port}`;
	const archive = new S3Archive({ bucket: "b", region: "eu-west-1", endpoint, credentials });
	return { archive, asked: () => asked };
}

test("an object whose answer is cut off is not taken for a damaged one", async () => {
	for (const part of [0, 20, 500, 1_039]) {
		const { archive } = await archiveOf(answer(200, whole.subarray(0, part), whole.length));
		const error = await archive.get("a").catch((e: unknown) => e);
		expect(error).toBeInstanceOf(Error);
		expect(error).not.toBeInstanceOf(ArchiveCorrupt);
		archive.close();
	}
});

test("what S3 has no room for now is asked for again", async () => {
	const { archive, asked } = await archiveOf(SLOW_DOWN, SLOW_DOWN, answer(200, whole));
	expect(await archive.get("a")).toEqual(new Uint8Array(1_000).fill(7));
	expect(asked()).toBe(3);
	archive.close();
	const put = await archiveOf(SLOW_DOWN, answer(200, ""));
	await put.archive.put("a", new Uint8Array(3));
	expect(put.asked()).toBe(2);
	put.archive.close();
});

test("an object is absent only where S3 says so", async () => {
	const gone = answer(404, "<Error><Code>NoSuchKey</Code><Message>x</Message></Error>");
	const { archive } = await archiveOf(gone);
	expect(await archive.get("a")).toBeNull();
	archive.close();
	const noBucket = answer(404, "<Error><Code>NoSuchBucket</Code><Message>x</Message></Error>");
	for (const other of [noBucket, answer(404, ""), EXPIRED, SLOW_DOWN]) {
		const faulty = await archiveOf(other);
		await expect(faulty.archive.get("a")).rejects.toThrow("S3 did not get a: ");
		await expect(faulty.archive.list("a")).rejects.toThrow("S3 did not list a: ");
		faulty.archive.close();
	}
});
