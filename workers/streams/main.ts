/** The market and user streams as a process of their own. */
import { StoredListenKeys } from "../../db/cache/listen-keys.ts";
import { RedisKeyValue } from "../../db/cache/redis-key-value.ts";
import { RedisPubSub } from "../../db/cache/redis-pubsub.ts";
import { listening } from "../../db/machine/listen-failure.ts";
import { runProcess } from "../../db/machine/process-frame.ts";
import { REDIS_SETTINGS, redisOf } from "../../db/stores/server-settings.ts";
import { serveLinks } from "../../edge/entry/bun-server.ts";
import { LINKED_SETTINGS, openGateway, readyWith } from "../../edge/entry/linked-gateway.ts";
import { urlOf } from "../../edge/entry/listening.ts";
import { clientAddress } from "../../edge/http/client-address.ts";
import { limitKey } from "../../edge/limits/address.ts";
import { CLIENT_SETTINGS, LISTEN_SETTINGS } from "../../schemas/venue-settings.ts";
import { serveStreams } from "./serve-streams.ts";
import { DEFAULT_STREAMS_SETTINGS } from "./settings.ts";
import { StreamsWorker } from "./worker.ts";

await runProcess({
	name: "streams",
	says: "the WebSocket server of market and user streams, /ws and /stream",
	settings: { ...LISTEN_SETTINGS, ...CLIENT_SETTINGS, ...LINKED_SETTINGS, ...REDIS_SETTINGS },
	async start(settings, frame) {
		const { clock, scheduler, random, logger } = frame;
		const keyValue = await RedisKeyValue.open(redisOf(settings), logger);
		frame.onDrain(() => keyValue.close());
		const pubsub = await RedisPubSub.open(redisOf(settings), logger);
		frame.onDrain(() => pubsub.close());
		const gateway = openGateway(settings, frame, serveLinks);
		const streams = new StreamsWorker({
			...{ pubsub, clock, scheduler, random, logger, connects: keyValue },
			listenKeys: new StoredListenKeys({ keyValue, random }),
			venue: gateway.marketData.venue,
			accounts: (userId) => gateway.accounts(userId),
			clientKey: (headers, peer) =>
				limitKey(clientAddress(headers, peer, settings.TRUST_FORWARDED_FOR)),
			traceOneIn: settings.LOG_ONE_IN,
			settings: {
				...DEFAULT_STREAMS_SETTINGS,
				connectionsPer5Minutes: settings.CONNECTIONS_PER_5_MINUTES,
			},
		});
		const place = { prefix: "", hostname: settings.HOST, port: settings.PORT };
		const server = listening(place, () => serveStreams(streams, place));
		frame.addMetrics(() => streams.metrics());
		frame.onDrain(async () => {
			await streams.stop();
			await server.stop(true);
		});
		readyWith(gateway, frame);
		logger.info("listens", { url: urlOf(settings.HOST, server.port as number) });
	},
});
