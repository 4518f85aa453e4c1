import { SERVE_OPTIONS } from "../../db/machine/serve-options.ts";
import { pathOf } from "../../schemas/api/url-parts.ts";
import { LINK_PATH } from "../../schemas/link/messages.ts";
import type { Edge } from "../app.ts";
import type { Gateway, GatewayLink } from "../link/gateway.ts";
import { showsLinkToken } from "../link/link-token.ts";
import type { EdgeSettings } from "../settings.ts";
import { isWsApi, upgradeToWsApi, type WsApiData, wsApiSockets } from "./bun-ws-api.ts";
import { BACKPRESSURE_LIMIT_BYTES, type Listening, type ListenOn } from "./listening.ts";

/** Beyond what any answer needs: workers are trusted, and frames are batches. */
const MAX_LINK_FRAME_BYTES = 64 << 20;

/** REST, documents and /ws-api/v3 under Bun. */
export function serveEdge(edge: Edge, settings: EdgeSettings, listen: ListenOn): Listening {
	const { hostname, port } = listen;
	const server = Bun.serve<WsApiData>({
		...SERVE_OPTIONS,
		...{ hostname, port },
		// The edge refuses a large body with Binance's words; this only bounds what is read at all.
		maxRequestBodySize: settings.maxBodyBytes * 4,
		idleTimeout: 60,
		fetch(request, server) {
			const ip = server.requestIP(request)?.address ?? "";
			if (!isWsApi(request)) return edge.fetch(request, { ip });
			return upgradeToWsApi(edge, request, ip, (data) => server.upgrade(request, { data }));
		},
		websocket: {
			maxPayloadLength: settings.maxFrameBytes,
			backpressureLimit: BACKPRESSURE_LIMIT_BYTES,
			closeOnBackpressureLimit: true,
			perMessageDeflate: false,
			sendPings: true,
			idleTimeout: 120,
			open: (ws) => wsApiSockets.open(edge, ws),
			message: (ws, message) => wsApiSockets.message(ws, message),
			pong: (ws, payload) => wsApiSockets.pong(ws, payload),
			close: (ws) => wsApiSockets.close(ws),
		},
	});
	return listening(server);
}

/** The private port where workers dial in, under Bun. */
export function serveLinks(
	gateway: Gateway,
	listen: ListenOn & { readonly token: string },
): Listening {
	const { hostname, port, token } = listen;
	const server = Bun.serve<{ link: GatewayLink | null }>({
		...SERVE_OPTIONS,
		...{ hostname, port },
		fetch(request, server) {
			if (pathOf(request.url) !== LINK_PATH) return new Response(null, { status: 404 });
			if (!showsLinkToken(request.headers, token)) return new Response(null, { status: 401 });
			if (server.upgrade(request, { data: { link: null } })) return;
			return new Response(null, { status: 426 });
		},
		websocket: {
			perMessageDeflate: false,
			maxPayloadLength: MAX_LINK_FRAME_BYTES,
			// More than the lanes of a link let wait. Bun would leave out what is beyond it, without a word.
			backpressureLimit: MAX_LINK_FRAME_BYTES,
			closeOnBackpressureLimit: true,
			open(ws) {
				ws.data.link = gateway.open({
					send: (frame) => void ws.send(frame),
					close: (code, reason) => ws.close(code, reason),
				});
			},
			message: (ws, message) => ws.data.link?.receive(String(message)),
			close: (ws) => ws.data.link?.closed(),
		},
	});
	return listening(server);
}

function listening(server: Bun.Server<never>): Listening {
	return {
		port: server.port as number,
		async stop(graceMs) {
			const finished = server.stop();
			const late = new Promise((resolve) => setTimeout(resolve, graceMs));
			await Promise.race([finished, late]);
			await server.stop(true);
		},
	};
}
