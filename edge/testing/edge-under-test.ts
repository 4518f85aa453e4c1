import { createEdge, type Edge } from "../app.ts";
import type { OperationContext } from "../operation.ts";
import type { EdgeSettings } from "../settings.ts";
import { fakeOperations } from "./fake-operations.ts";
import { API_KEY, type FakeServices, fakeServices, signHmac } from "./fake-services.ts";

export interface Sent {
	readonly method?: string;
	readonly path: string;
	readonly body?: string;
	readonly headers?: Record<string, string>;
	readonly ip?: string;
}

/** An edge over fakes, and requests to it. */
export class EdgeUnderTest {
	readonly services: FakeServices;
	readonly edge: Edge;
	/** What the operation that trades does. */
	trade: (context: OperationContext, params: { symbol?: string }) => Promise<unknown>;

	constructor(settings: Partial<EdgeSettings> = {}) {
		this.services = fakeServices(settings);
		this.trade = async () => ({ done: true });
		const operations = fakeOperations((context, params) => this.trade(context, params));
		this.edge = createEdge(this.services, operations);
	}

	async send({ method = "GET", path, body, headers = {}, ip = "1.2.3.4" }: Sent) {
		const request = new Request(`http://castle.test${path}`, {
			method,
			headers,
			...(body !== undefined && { body }),
		});
		const response = await this.edge.fetch(request, { ip });
		const text = await response.text();
		return { response, status: response.status, body: text === "" ? null : JSON.parse(text) };
	}

	/** A signed call as a client makes it; by default with the time of now. */
	async signed(sent: Sent & { readonly query?: string }) {
		const query = sent.query ?? `timestamp=${this.services.time.now}`;
		const signature = await signHmac(query + (sent.body ?? ""));
		return await this.send({
			...sent,
			path: `${sent.path}?${query}&signature=${signature}`,
			headers: { ...sent.headers, "X-MBX-APIKEY": API_KEY },
		});
	}
}
