import type { EdgeSettings } from "../../edge/settings.ts";
import { defaultAccountSettings } from "../../workers/accounts/settings.ts";
import type { CoreSettings } from "../../workers/exchange/core.ts";

/** As delivered, with limits out of the way. */
export function coreSettings(edge: EdgeSettings): CoreSettings {
	return {
		book: "fast",
		edge,
		accounts: {
			...defaultAccountSettings,
			orderLimits: [
				{ intervalMs: 10_000, limit: 1e9 },
				{ intervalMs: 86_400_000, limit: 1e9 },
			],
		},
		exclusive: true,
	};
}
