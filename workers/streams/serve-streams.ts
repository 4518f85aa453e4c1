import type { StreamsConnection } from "./connection.ts";
import type { StreamsWorker } from "./worker.ts";

/** A server of streams and nothing else. */
export function serveStreams(
	streams: StreamsWorker,
	listen: { readonly hostname: string; readonly port: number },
): Bun.Server<StreamsConnection> {
	const { websocket } = streams;
	const server = Bun.serve<StreamsConnection>({
		...listen,
		// An error of ours shows a client neither source nor stack.
		development: false,
		idleTimeout: 60,
		fetch(request) {
			if (streams.handles(URL.parse(request.url)?.pathname ?? "")) return streams.upgrade(request);
			return new Response("Streams are at /ws and /stream.", { status: 404 });
		},
		websocket: { ...streams.socketOptions, ...websocket, sendPings: true, idleTimeout: 120 },
	});
	streams.start(server);
	return server;
}
