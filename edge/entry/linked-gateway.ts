import { listening } from "../../db/machine/listen-failure.ts";
import type { ProcessFrame } from "../../db/machine/process-frame.ts";
import { SHARD_SETTINGS, VENUE_SETTINGS } from "../../db/stores/server-settings.ts";
import type { MarketCache } from "../../schemas/ports/market-cache.ts";
import type { SettingsOf } from "../../schemas/settings.ts";
import { GATEWAY_SETTINGS } from "../../schemas/venue-settings.ts";
import { Gateway } from "../link/gateway.ts";
import type { Listening, ListenOn } from "./listening.ts";

/** Settings of every process that asks account workers and market data. */
export const LINKED_SETTINGS = {
	...VENUE_SETTINGS,
	...SHARD_SETTINGS,
	...GATEWAY_SETTINGS,
} as const;

/** Takes links, as the runtime does it. */
export type ServeLinks = (
	gateway: Gateway,
	listen: ListenOn & { readonly token: string },
) => Listening;

/** How often it is looked whether everybody has dialed. */
const LOOK_EVERY_MS = 50;
const GRACE_MS = 100;

/**
 * A gateway that workers of this venue can dial.
 *
 * @param cache where its process reads books and recent trades first
 */
export function openGateway(
	settings: SettingsOf<typeof LINKED_SETTINGS>,
	frame: ProcessFrame,
	serve: ServeLinks,
	cache?: MarketCache,
): Gateway {
	const { clock, scheduler, logger } = frame;
	const gateway = new Gateway({
		accountShards: settings.ACCOUNT_SHARDS,
		partitions: settings.PARTITIONS,
		...{ clock, scheduler, logger },
		...(cache === undefined ? {} : { cache }),
	});
	const { LINK_HOST: hostname, LINK_PORT: port, LINK_TOKEN: token } = settings;
	const place = { prefix: "LINK_", hostname, port };
	const links = listening(place, () => serve(gateway, { hostname, port, token }));
	logger.info("takes links", { linkPort: links.port });
	frame.onDrain(async () => {
		gateway.close();
		await links.stop(GRACE_MS);
	});
	frame.addMetrics(() => gateway.metrics());
	return gateway;
}

/**
 * The process is ready once every shard and partition is served by somebody, and stays so: when one dies,
 * only its own users wait, and taking every gateway from the balancer would lock the others out as well.
 */
export function readyWith(gateway: Gateway, frame: ProcessFrame): void {
	const look = frame.scheduler.every(LOOK_EVERY_MS, () => {
		if (!gateway.ready()) return;
		look();
		frame.become("ready");
	});
	frame.onDrain(look);
}
