import { createHmac, sign } from "node:crypto";
import { freshTimestampMs } from "./fresh-timestamp.ts";
import type { PrintedKey } from "./running-exchange.ts";
import { StreamClient } from "./stream-client.ts";

type Params = Readonly<Record<string, string | number>>;

/** The signature of a text by a key of any kind, as clients send it. */
export function signatureOf(key: PrintedKey, payload: string): string {
	const pem = key.privateKey;
	if (pem === undefined) return createHmac("sha256", key.secret).update(payload).digest("hex");
	const digest = pem.includes("RSA") || pem.length > 1_000 ? "sha256" : null;
	return sign(digest, Buffer.from(payload), pem).toString("base64");
}

/** Parameters of a call on /ws-api/v3, signed: sorted by name, not percent-encoded. */
export function signedParams(key: PrintedKey, params: Params = {}): Params {
	const all: Params = { ...params, apiKey: key.apiKey, timestamp: freshTimestampMs() };
	const payload = Object.keys(all)
		.sort()
		.map((name) => `${name}=${all[name]}`)
		.join("&");
	return { ...all, signature: signatureOf(key, payload) };
}

/** A connection to /ws-api/v3. */
export function openWsApi(url: string): Promise<StreamClient> {
	return StreamClient.open(url, "/ws-api/v3");
}
