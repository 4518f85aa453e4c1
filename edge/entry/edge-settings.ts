import type { SettingsOf } from "../../schemas/settings.ts";
import type {
	ACCOUNT_LIMITS,
	API_SETTINGS,
	CLIENT_SETTINGS,
} from "../../schemas/venue-settings.ts";
import { DEFAULT_EDGE_SETTINGS, type EdgeSettings } from "../settings.ts";

type Values = SettingsOf<typeof API_SETTINGS & typeof ACCOUNT_LIMITS & typeof CLIENT_SETTINGS>;

/** What the environment says, and ours for the rest. */
export function edgeSettings(values: Values & { readonly LOG_ONE_IN: number }): EdgeSettings {
	return {
		...DEFAULT_EDGE_SETTINGS,
		requestWeightPerMinute: values.WEIGHT_PER_MINUTE,
		sharesWeights: true,
		rawRequestsPer5Minutes: values.RAW_REQUESTS_PER_5_MINUTES,
		ordersPer10Seconds: values.ORDERS_PER_10_SECONDS,
		ordersPerDay: values.ORDERS_PER_DAY,
		connectionsPer5Minutes: values.CONNECTIONS_PER_5_MINUTES,
		engineWaitMs: values.ENGINE_WAIT_MS,
		trustForwardedFor: values.TRUST_FORWARDED_FOR,
		signUpOpen: values.SIGN_UP,
		logOneIn: values.LOG_ONE_IN,
	};
}
