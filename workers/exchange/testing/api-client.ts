import { createHmac } from "node:crypto";
import { freshTimestampMs, untilTimeCatchesUp } from "./fresh-timestamp.ts";

export interface ApiReply {
	readonly status: number;
	readonly headers: Headers;
	// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
	readonly body: any;
}

export type ApiParameters = Readonly<Record<string, string | number>>;

/** A client that signs (HMAC) and hides nothing: status, headers and body as they came. */
export class ApiClient {
	readonly url: string;
	private readonly apiKey: string;
	private readonly secret: string;

	constructor(url: string, key: { readonly apiKey: string; readonly secret: string }) {
		this.url = url;
		this.apiKey = key.apiKey;
		this.secret = key.secret;
	}

	/** A signed call with everything in the query. */
	async call(method: string, path: string, parameters: ApiParameters = {}): Promise<ApiReply> {
		await untilTimeCatchesUp();
		return this.send(method, path, this.signed(parameters));
	}

	/** A call with exactly this query. */
	async send(method: string, path: string, query: string, body?: string): Promise<ApiReply> {
		const response = await fetch(`${this.url}${path}${query === "" ? "" : `?${query}`}`, {
			method,
			headers: {
				...(this.apiKey === "" ? {} : { "X-MBX-APIKEY": this.apiKey }),
				...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
			},
			...(body === undefined ? {} : { body }),
		});
		const text = await response.text();
		return { status: response.status, headers: response.headers, body: parsed(text) };
	}

	/** The signed query of these parameters; `timestamp` is now unless given. */
	signed(parameters: ApiParameters): string {
		const query = queryOf({ timestamp: freshTimestampMs(), ...parameters });
		return `${query}&signature=${this.sign(query)}`;
	}

	sign(payload: string): string {
		return createHmac("sha256", this.secret).update(payload).digest("hex");
	}
}

export function queryOf(parameters: ApiParameters): string {
	return Object.entries(parameters)
		.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
		.join("&");
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
