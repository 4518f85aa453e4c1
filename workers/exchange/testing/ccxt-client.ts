import ccxt, { type binance } from "ccxt";
import type { PrintedKey } from "./running-exchange.ts";

/**
 * ccxt's own Binance client, as npm has it, with nothing changed but its URLs. `fetchMarkets` is an
 * option of ccxt: Castle is a spot venue and has no futures to list.
 */
export function ccxtClient(url: string, key: PrintedKey | null): binance {
	const client = new ccxt.pro.binance({
		...(key === null ? {} : { apiKey: key.apiKey, secret: key.secret }),
		enableRateLimit: false,
		options: { defaultType: "spot", fetchMarkets: { types: ["spot"] } },
	});
	const api = client.urls["api"] as Record<string, unknown>;
	for (const name of ["public", "private"]) api[name] = `${url}/api/v3`;
	api["v1"] = `${url}/api/v1`;
	for (const name of ["sapi", "sapiV2", "sapiV3", "sapiV4"]) {
		api[name] = `${url}/sapi/v${name === "sapi" ? 1 : name.slice(-1)}`;
	}
	const streams = url.replace("http", "ws");
	const ws = api["ws"] as Record<string, unknown>;
	ws["spot"] = `${streams}/ws`;
	(ws["ws-api"] as Record<string, unknown>)["spot"] = `${streams}/ws-api/v3`;
	return client as unknown as binance;
}
