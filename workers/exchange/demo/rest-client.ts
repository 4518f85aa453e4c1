import { createHmac } from "node:crypto";

/** What the exchange answered instead of a result. */
export class RestError extends Error {
	override readonly name = "RestError";
	readonly code: number;

	constructor(code: number, message: string) {
		super(message);
		this.code = code;
	}
}

export type Parameters = Readonly<Record<string, string | number>>;

/** A small client of the public API with an HMAC key: nothing a stranger could not write. */
export class RestClient {
	private readonly base: string;
	private readonly apiKey: string;
	private readonly secret: string;

	constructor(base: string, apiKey: string, secret: string) {
		this.base = base;
		this.apiKey = apiKey;
		this.secret = secret;
	}

	/** @throws RestError with Binance's code */
	signed(method: string, path: string, parameters: Parameters = {}): Promise<unknown> {
		const text = query({ ...parameters, recvWindow: 10_000, timestamp: Date.now() });
		const signature = createHmac("sha256", this.secret).update(text).digest("hex");
		return this.call(method, `${path}?${text}&signature=${signature}`);
	}

	/** @throws RestError with Binance's code */
	open(path: string, parameters: Parameters = {}): Promise<unknown> {
		return this.call("GET", `${path}?${query(parameters)}`);
	}

	private async call(method: string, target: string): Promise<unknown> {
		const headers = { "X-MBX-APIKEY": this.apiKey };
		const response = await fetch(this.base + target, { method, headers });
		const body = (await response.json()) as { code?: number; msg?: string };
		if (!response.ok) throw new RestError(body.code ?? 0, body.msg ?? response.statusText);
		return body;
	}
}

function query(parameters: Parameters): string {
	return Object.entries(parameters)
		.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
		.join("&");
}
