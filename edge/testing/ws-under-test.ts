import { createEdge, type Edge } from "../app.ts";
import type { OperationContext } from "../operation.ts";
import type { EdgeSettings } from "../settings.ts";
import type { WsApiSession } from "../ws-api/socket.ts";
import { fakeOperations } from "./fake-operations.ts";
import { API_KEY, addKey, type FakeServices, fakeServices, signHmac } from "./fake-services.ts";

export const ED_KEY = "E".repeat(64);

/** Any message of the server. */
export interface Reply {
	id?: unknown;
	status?: number;
	// biome-ignore lint/suspicious/noExplicitAny: what a client sees
	result?: any;
	error?: { code: number; msg: string; data?: { serverTime: number; retryAfter: number } };
	rateLimits?: { rateLimitType: string; interval: string; intervalNum: number; count: number }[];
	subscriptionId?: number;
	event?: Record<string, unknown>;
}

/** A client at the other end of a connection. */
export class Client {
	readonly replies: Reply[] = [];
	closedWith: string | null = null;
	pings = 0;
	answersPings = true;
	readonly session: WsApiSession;
	private waiting: (() => void)[] = [];

	constructor(edge: Edge, query = "") {
		const socket = {
			send: (text: string) => {
				this.replies.push(JSON.parse(text));
				for (const wake of this.waiting.splice(0)) wake();
			},
			close: (code: number, reason: string) => {
				this.closedWith = `${code} ${reason}`;
			},
			heart: {
				ping: (payload: string) => {
					this.pings++;
					if (this.answersPings) this.session.pong(payload);
				},
				cut: () => {
					this.closedWith = "cut";
					this.session.closed();
				},
			},
		};
		const connection = { ip: "1.2.3.4", query, headers: null };
		this.session = edge.openWsApi(socket, connection);
	}

	async until(count: number): Promise<void> {
		while (this.replies.length < count) {
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		}
	}

	/** Sends and waits for one more message. */
	async ask(method: string, params: object = {}, id: unknown = 1): Promise<Reply> {
		const count = this.replies.length + 1;
		this.session.receive(JSON.stringify({ id, method, params }));
		await this.until(count);
		return this.replies[count - 1]!;
	}
}

/** An edge over fakes with one client of its WebSocket API. */
export class WsUnderTest {
	readonly services: FakeServices;
	readonly edge: Edge;
	client: Client;
	/** What the operation that trades does. */
	trade: (context: OperationContext, params: { symbol?: string }) => Promise<unknown>;
	/** Signs with the key that `addEdKey` made. */
	edSign: (payload: string) => Promise<string> = async () => "";

	constructor(settings: Partial<EdgeSettings> = {}) {
		this.services = fakeServices(settings);
		this.trade = async () => ({ done: true });
		const operations = fakeOperations((context, params) => this.trade(context, params));
		this.edge = createEdge(this.services, operations);
		this.client = new Client(this.edge);
	}

	/** An Ed25519 key of user 8. */
	async addEdKey(): Promise<void> {
		const made = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
		const pair = made as CryptoKeyPair;
		const der = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
		const base64 = btoa(String.fromCharCode(...der));
		const material = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----`;
		addKey(this.services, { keyId: 2, userId: 8, apiKey: ED_KEY, type: "ed25519", material });
		this.edSign = async (payload) => {
			const text = new TextEncoder().encode(payload);
			const bytes = await crypto.subtle.sign("Ed25519", pair.privateKey, text);
			return btoa(String.fromCharCode(...new Uint8Array(bytes)));
		};
	}

	/** Parameters with apiKey, timestamp and signature, as a client makes them. */
	async signedParams(
		params: Record<string, unknown> = {},
		sign: (payload: string) => Promise<string> = signHmac,
		apiKey = API_KEY,
	): Promise<object> {
		const all: Record<string, unknown> = { ...params, apiKey, timestamp: this.services.time.now };
		const payload = Object.keys(all)
			.sort()
			.map((name) => `${name}=${all[name]}`)
			.join("&");
		return { ...all, signature: await sign(payload) };
	}

	async logOn(): Promise<Reply> {
		await this.addEdKey();
		const params = await this.signedParams({}, this.edSign, ED_KEY);
		return await this.client.ask("session.logon", params);
	}
}
