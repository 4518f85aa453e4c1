import { afterAll, expect, test } from "bun:test";
import { connect } from "node:net";
import type { LinkSocket } from "../../schemas/link/link-end.ts";
import type { Edge } from "../app.ts";
import type { Gateway } from "../link/gateway.ts";
import { DEFAULT_EDGE_SETTINGS } from "../settings.ts";
import { WsUnderTest } from "../testing/ws-under-test.ts";
import { serveEdge, serveLinks } from "./bun-server.ts";
import { BACKPRESSURE_LIMIT_BYTES, stopOnceLeft } from "./listening.ts";

const { edge, services } = new WsUnderTest();
const server = serveEdge(edge, services.settings, { hostname: "127.0.0.1", port: 0 });

afterAll(() => server.stop(0));

/** The request of a client of /ws-api/v3. */
const UPGRADE = [
	...["GET /ws-api/v3 HTTP/1.1", "Host: h", "Upgrade: websocket", "Connection: Upgrade"],
	...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""],
].join("\r\n");

/** What comes back for these bytes, up to the end of the connection. */
function exchanged(request: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = connect(server.port, "127.0.0.1", () => socket.write(request));
		let answer = "";
		socket.on("data", (bytes) => {
			answer += bytes;
		});
		socket.on("error", reject);
		socket.on("close", () => resolve(answer));
	});
}

test("a request of HTTP/1.0 needs no host: health checks of balancers are such", async () => {
	expect(await exchanged("GET /health/live HTTP/1.0\r\n\r\n")).toContain('{"status":"live"}');
	const answer = await exchanged("GET /api/v3/open?symbol=A HTTP/1.0\r\n\r\n");
	expect(answer).toContain('"symbol":"A"');
});

test("its body is read, too", async () => {
	const head = "POST /api/v3/keyed HTTP/1.0\r\nContent-Length: 3\r\n\r\n";
	expect(await exchanged(`${head}a=1`)).toContain("-2014");
});

test.each(["[", "h:99999", "a b", "a/b?", ""])(
	"host %p: answered, with nothing of the inside",
	async (host) => {
		for (const path of ["/ws-api/v3", "/api/v3/open?symbol=A", "/health/live"]) {
			const head = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
			const answer = await exchanged(head);
			expect(answer.slice(0, 12)).not.toBe("HTTP/1.1 500");
			expect(answer.includes(".ts")).toBe(false);
		}
	},
);

test("a request that is for no WebSocket is refused in the shape of every error", async () => {
	const reply = await fetch(`http://127.0.0.1:${server.port}/ws-api/v3`);
	expect([reply.status, reply.headers.get("content-type"), await reply.json()]).toEqual([
		...[426, "application/json;charset=UTF-8"],
		{ code: -1020, msg: "This address takes WebSocket connections only." },
	]);
});

test("what no call is as long as is not read", async () => {
	const most = services.settings.maxBodyBytes * 4;
	const head = `POST /api/v3/keyed HTTP/1.1\r\nHost: h\r\nContent-Length: ${most + 1}\r\n\r\n`;
	expect(await exchanged(`${head}${"x".repeat(1_000)}`)).toStartWith("HTTP/1.1 413");
});

test("a frame that says that it is too large ends its connection before it comes", async () => {
	const client = connect(server.port, "127.0.0.1", () => client.write(UPGRADE));
	const closed = new Promise((resolve) => client.on("close", resolve));
	client.once("data", () => {
		// FIN and text; masked, of a length in eight bytes; that length; the mask.
		const length = Buffer.alloc(8);
		length.writeBigUInt64BE(BigInt(services.settings.maxFrameBytes + 1));
		client.write(Buffer.concat([Buffer.from([0x81, 0xff]), length, Buffer.alloc(4)]));
	});
	await closed;
});

test("a client that leaves too much unread is closed", async () => {
	const ended = Promise.withResolvers<number>();
	const talking: Edge = {
		...edge,
		openWsApi(socket) {
			let sent = 0;
			const timer = setInterval(() => {
				sent += 100_000;
				socket.send("x".repeat(100_000));
			});
			const closed = () => {
				clearInterval(timer);
				ended.resolve(sent);
			};
			return { receive() {}, pong() {}, closed };
		},
	};
	const server = serveEdge(talking, DEFAULT_EDGE_SETTINGS, { hostname: "127.0.0.1", port: 0 });
	const client = connect(server.port, "127.0.0.1", () => {
		client.write(UPGRADE);
		client.pause();
	});
	client.on("error", () => {});
	// What the system holds for a connection comes on top.
	expect(await ended.promise).toBeLessThan(8 * BACKPRESSURE_LIMIT_BYTES);
	client.destroy();
	await server.stop(0);
});

test("a worker that leaves too much unread is closed, and nothing is left out before", async () => {
	const token = "of this test";
	const frame = "x".repeat(1 << 20);
	const { promise: isClosed, resolve: closed } = Promise.withResolvers<void>();
	const gateway = {
		open({ send }: LinkSocket) {
			const talking = setInterval(() => send(frame));
			return {
				receive() {},
				closed() {
					clearInterval(talking);
					closed();
				},
			};
		},
	} as unknown as Gateway;
	const links = serveLinks(gateway, { hostname: "127.0.0.1", port: 0, token });
	const worker = connect(links.port, "127.0.0.1", () => worker.pause());
	const upgrade = UPGRADE.replace("/ws-api/v3", "/link");
	worker.write(upgrade.replace("\r\n\r\n", `\r\nAuthorization: Bearer ${token}\r\n\r\n`));
	await isClosed;
	worker.destroy();
	await links.stop(0);
}, 30_000);

test("pings go out to clients of /ws-api/v3, and their pongs come back", async () => {
	const under = new WsUnderTest();
	const pong = Promise.withResolvers<void>();
	const opened = Promise.withResolvers<void>();
	const edge: Edge = {
		...under.edge,
		openWsApi(socket, connection) {
			const session = under.edge.openWsApi(socket, connection);
			opened.resolve();
			return {
				receive: (text) => session.receive(text),
				closed: () => session.closed(),
				pong(payload) {
					session.pong(payload);
					pong.resolve();
				},
			};
		},
	};
	const server = serveEdge(edge, DEFAULT_EDGE_SETTINGS, { hostname: "127.0.0.1", port: 0 });
	const client = new WebSocket(`ws://127.0.0.1:${server.port}/ws-api/v3`);
	const closed = new Promise<void>((resolve) => {
		client.onclose = () => resolve();
	});
	await opened.promise;
	under.services.time.advance(20_000);
	await pong.promise;
	under.services.time.now += 60_000;
	under.services.time.advance(20_000);
	await closed;
	await server.stop(1_000);
});

test("before it stops, its clients are asked to leave: an order on its way is not lost", async () => {
	const { edge, services } = new WsUnderTest();
	const leaving = serveEdge(edge, services.settings, { hostname: "127.0.0.1", port: 0 });
	const kept = connect(leaving.port, "127.0.0.1");
	kept.setEncoding("utf8");
	let heard = "";
	const ended = new Promise((resolve) => kept.on("close", resolve));
	const answered = (count: number) =>
		new Promise<void>((resolve) => {
			const look = (): void => {
				if (heard.split('"symbol"').length > count) resolve();
			};
			kept.on("data", look);
			look();
		});
	kept.on("data", (text) => {
		heard += text;
	});
	const request = "GET /api/v3/open?symbol=A HTTP/1.1\r\nHost: h\r\n\r\n";
	kept.write(request);
	await answered(1);
	expect(heard.toLowerCase()).not.toContain("connection: close");
	let isAnswered = () => {};
	const others = new Promise<void>((resolve) => {
		isAnswered = resolve;
	});
	let stopped = false;
	const left = Promise.all([edge.leave(), others]).then(() => {});
	const stopping = stopOnceLeft(leaving, left, 20_000).then(() => {
		stopped = true;
	});
	kept.write(request);
	await answered(2);
	expect(heard.toLowerCase()).toContain("connection: close");
	// Whoever comes by mistake is answered, too, but opens nothing.
	const late = (text: string) => {
		return new Promise<string>((resolve, reject) => {
			const socket = connect(leaving.port, "127.0.0.1", () => socket.write(text));
			let answer = "";
			socket.on("data", (bytes) => {
				answer += bytes;
			});
			socket.on("error", reject);
			socket.on("close", () => resolve(answer));
		});
	};
	expect(await late(request)).toContain('"symbol":"A"');
	expect(await late(UPGRADE)).toStartWith("HTTP/1.1 503");
	await ended;
	expect(stopped).toBe(false);
	isAnswered();
	await stopping;
	await expect(late(request)).rejects.toThrow(/ECONNREFUSED|connect/);
}, 30_000);
