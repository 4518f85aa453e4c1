import * as v from "valibot";
import { onOff, secretSetting, setting, textValue, whole } from "./settings.ts";

/** Settings that mean the same wherever the exchange runs: in one process, or in many. */

/** Limits of accounts: the account worker counts, the edge shows them. */
export const ACCOUNT_LIMITS = {
	ORDERS_PER_10_SECONDS: setting("unfilled orders per account and 10 s", "100", whole(1, 1e12)),
	ORDERS_PER_DAY: setting("unfilled orders per account and day", "200000", whole(1, 1e12)),
} as const;

/** What an account worker remembers of client order ids. */
export const CLIENT_ID_SETTINGS = {
	CLIENT_ORDER_ID_MINUTES: setting(
		"how long a finished order's clientOrderId stays taken",
		"10",
		whole(2, 1_440),
	),
	MAX_CLIENT_ORDER_IDS: setting(
		"client order ids remembered per account",
		"200000",
		whole(1_000, 1e9),
	),
} as const;

/** Of the auditor that goes round in each account worker. */
export const AUDIT_SETTINGS = {
	AUDIT_ROWS_PER_SECOND: setting(
		"balances, and orders, that each account worker holds to the invariants in a second",
		"2000",
		whole(10, 1e6),
	),
} as const;

/** How clients are told apart, and how often they may connect. */
export const CLIENT_SETTINGS = {
	CONNECTIONS_PER_5_MINUTES: setting("WebSocket connects per IP and 5 min", "300", whole(1, 1e12)),
	TRUST_FORWARDED_FOR: setting("1: the client's address is in X-Forwarded-For", "0", onOff),
} as const;

/** The API's own. */
export const API_SETTINGS = {
	WEIGHT_PER_MINUTE: setting("request weight per IP and minute", "6000", whole(1, 1e12)),
	RAW_REQUESTS_PER_5_MINUTES: setting("requests per IP and 5 minutes", "300000", whole(1, 1e12)),
	ENGINE_WAIT_MS: setting("longest wait for the engine, then -1007", "10000", whole(100, 60_000)),
	SIGN_UP: setting("1: people may sign up by themselves", "1", onOff),
} as const;

/** Of who listens to the operator. */
export const OPERATOR_SETTINGS = {
	OPERATOR_PORT: setting(
		"port of the operator's listener, on 127.0.0.1 only; 0 lets the system choose",
		"0",
		whole(0, 65_535),
	),
} as const;

/** Of gateways and of the workers that dial them. */
const LINK_TOKEN_SETTING = {
	LINK_TOKEN: secretSetting(
		"what a worker shows to a gateway; the same in every process",
		null,
		v.pipe(v.string(), v.minLength(16, "must have 16 characters at least")),
	),
} as const;

const HOST_PORTS = /^[^:,\s]+:\d{1,5}(,[^:,\s]+:\d{1,5})*$/;

/** Of every process that dials gateways. */
export const DIALER_SETTINGS = {
	GATEWAYS: setting(
		"host:port of the gateways of edges, streams and venue, by commas; a host may be many",
		null,
		v.pipe(
			v.string(),
			v.regex(HOST_PORTS, "must be host:port by commas"),
			v.transform((text) => text.split(",").map(addressOf)),
		),
	),
	...LINK_TOKEN_SETTING,
} as const;

function addressOf(text: string): { readonly host: string; readonly port: number } {
	const [host, port] = text.split(":") as [string, string];
	return { host, port: Number(port) };
}

/** Of every process that workers dial. */
export const GATEWAY_SETTINGS = {
	LINK_HOST: setting("address where workers dial in", "127.0.0.1", textValue),
	LINK_PORT: setting("its port; 0 lets the system choose", null, whole(0, 65_535)),
	...LINK_TOKEN_SETTING,
} as const;

/** Of every process that clients reach. */
export const LISTEN_SETTINGS = {
	HOST: setting("address to listen on; 0.0.0.0 for every one", "127.0.0.1", textValue),
	PORT: setting("its port; 0 lets the system choose", "3000", whole(0, 65_535)),
} as const;
