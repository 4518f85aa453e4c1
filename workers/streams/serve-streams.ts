import { SERVE_OPTIONS } from "../../db/machine/serve-options.ts";
import { pathOf } from "../../schemas/api/url-parts.ts";
import type { StreamsConnection } from "./connection.ts";
import type { StreamsWorker } from "./worker.ts";

/** A server of streams and nothing else. */
export function serveStreams(
	streams: StreamsWorker,
	{ hostname, port }: { readonly hostname: string; readonly port: number },
): Bun.Server<StreamsConnection> {
	const { websocket } = streams;
	const server = Bun.serve<StreamsConnection>({
		...{ hostname, port },
		idleTimeout: 60,
		...SERVE_OPTIONS,
		fetch(request) {
			if (streams.handles(pathOf(request.url))) return streams.upgrade(request);
			return new Response("Streams are at /ws and /stream.", { status: 404 });
		},
		websocket: { ...streams.socketOptions, ...websocket, sendPings: true, idleTimeout: 120 },
	});
	streams.start(server);
	return server;
}
