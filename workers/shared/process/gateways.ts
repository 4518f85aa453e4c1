import type { ProcessFrame } from "../../../db/machine/process-frame.ts";
import type { SettingsOf } from "../../../schemas/settings.ts";
import type { DIALER_SETTINGS } from "../../../schemas/venue-settings.ts";
import { bunDial } from "../link/bun-dial.ts";
import { LinkDialer } from "../link/dialer.ts";
import type { LinkService } from "../link/link-service.ts";

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
