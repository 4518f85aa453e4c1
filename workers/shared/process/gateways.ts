import * as v from "valibot";
import type { ProcessFrame } from "../../../db/machine/process-frame.ts";
import { type SettingsOf, setting } from "../../../schemas/settings.ts";
import { LINK_TOKEN_SETTING } from "../../../schemas/venue-settings.ts";
import { bunDial } from "../link/bun-dial.ts";
import { type GatewayAddress, LinkDialer } from "../link/dialer.ts";
import type { LinkService } from "../link/link-service.ts";

const MUST_BE = "must be host:port by commas";

/** Settings of every process that dials gateways. */
export const DIALER_SETTINGS = {
	GATEWAYS: setting(
		"host:port of the gateways of edges, streams and venue, by commas; a host may be many",
		null,
		v.pipe(
			v.string(),
			v.regex(/^[^:,\s]+:\d{1,5}(,[^:,\s]+:\d{1,5})*$/, MUST_BE),
			v.transform((text) => text.split(",").map(addressOf)),
		),
	),
	...LINK_TOKEN_SETTING,
} as const;

function addressOf(text: string): GatewayAddress {
	const [host, port] = text.split(":") as [string, string];
	return { host, port: Number(port) };
}

/** Dials every gateway for this service, once it is started. */
export function dialerOf(
	settings: SettingsOf<typeof DIALER_SETTINGS>,
	frame: ProcessFrame,
	service: LinkService,
): LinkDialer {
	const { clock, scheduler, logger } = frame;
	return new LinkDialer({
		...{ clock, scheduler, logger, service },
		gateways: settings.GATEWAYS,
		dial: bunDial(settings.LINK_TOKEN),
		onFatal: (error) => frame.fatal(error),
	});
}
