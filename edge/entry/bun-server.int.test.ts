import { afterAll, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Edge } from "../app.ts";
import { DEFAULT_EDGE_SETTINGS } from "../settings.ts";
import { WsUnderTest } from "../testing/ws-under-test.ts";
import { serveEdge } from "./bun-server.ts";

const { edge, services } = new WsUnderTest();
const server = serveEdge(edge, services.settings, { hostname: "127.0.0.1", port: 0 });

afterAll(() => server.stop(0));

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
				pong() {
					session.pong();
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
