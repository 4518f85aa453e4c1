import { test } from "bun:test";
import type { Edge } from "../app.ts";
import { DEFAULT_EDGE_SETTINGS } from "../settings.ts";
import { WsUnderTest } from "../testing/ws-under-test.ts";
import { serveEdge } from "./bun-server.ts";

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
