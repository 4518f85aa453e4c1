import type { Cluster } from "./cluster.ts";
import type { Parameters } from "./order-maker.ts";
import { simulatedSignature } from "./simulated-crypto.ts";
import type { World } from "./world.ts";

/** A client gives up waiting, ms. */
const CLIENT_WAIT_MS = 6_000;

/** How long some signed calls are good, ms. */
const LONG_WINDOW_MS = 20_000;
/** Signed calls that somebody may have overheard. */
const SENT_KEPT = 40;

/** What came back; status 0 when nothing did. */
export interface Reply {
	readonly status: number;
	/** Of the error; 0 when there is none. */
	readonly code: number;
	/** Seconds to wait, as the header has it. */
	readonly retryAfter: string | null;
	// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
	readonly body: any;
}

const NOTHING: Reply = { status: 0, code: 0, retryAfter: null, body: null };

/** Signs calls and sends them to the edge, or to one of several. */
export class Client {
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly apiKey: string;
	private readonly secret: string;
	private readonly heard: (text: string) => void;
	/** The last trading calls as they were sent, signature and all. */
	private sent: { readonly method: string; readonly url: string; readonly atMs: number }[] = [];

	/** @param heard every reply goes into the trace */
	constructor(
		world: World,
		cluster: Cluster,
		key: { readonly apiKey: string; readonly secret: string },
		heard: (text: string) => void,
	) {
		this.world = world;
		this.cluster = cluster;
		this.apiKey = key.apiKey;
		this.secret = key.secret;
		this.heard = heard;
	}

	/** A signed call. */
	call(method: string, path: string, parameters: Parameters): Promise<Reply> {
		const { random, time } = this.world;
		const window = method !== "GET" && random.chance(0.3) ? `&recvWindow=${LONG_WINDOW_MS}` : "";
		const query = `${queryText(parameters)}&timestamp=${time.nowMs()}${window}`;
		const signed = `${query}&signature=${simulatedSignature(this.secret, query)}`;
		const url = `http://castle/api/v3/${path}?${signed}`;
		if (method !== "GET") {
			this.sent.push({ method, url, atMs: time.monotonicMs() });
			if (this.sent.length > SENT_KEPT) this.sent.shift();
		}
		return this.sendSigned(method, url);
	}

	/** A call that needs no key. */
	ask(path: string, parameters: Parameters): Promise<Reply> {
		return this.send("GET", `http://castle/api/v3/${path}?${queryText(parameters)}`);
	}

	/** The key of the user's own stream; null when it cannot be had now. */
	async listenKey(): Promise<string | null> {
		const reply = await this.send("POST", "http://castle/api/v3/userDataStream");
		return reply.status === 200 ? reply.body.listenKey : null;
	}

	/** Sends one of the last trading calls once more, byte by byte; null when there is none. */
	replay(): Promise<Reply> | null {
		const { random, restoredAtMs } = this.world;
		const sent = this.sent.filter(({ atMs }) => atMs >= restoredAtMs);
		if (sent.length === 0) return null;
		const { method, url } = random.pick(sent);
		return this.sendSigned(method, url);
	}

	private async sendSigned(method: string, url: string): Promise<Reply> {
		const reply = await this.send(method, url);
		this.cluster.shedding.heard({ method, ...reply });
		return reply;
	}

	private send(method: string, url: string): Promise<Reply> {
		const edges = this.cluster.allOf("edge").filter((process) => process.ready);
		const process = edges.length === 0 ? undefined : this.world.random.pick(edges);
		if (process === undefined) return Promise.resolve(NOTHING);
		const request = new Request(url, { method, headers: { "X-MBX-APIKEY": this.apiKey } });
		return new Promise((resolve) => {
			const cancel = this.world.time.after(CLIENT_WAIT_MS, () => resolve(NOTHING));
			process.life.enter(() => {
				process.edge?.fetch(request, { ip: "127.0.0.1" }).then(async (response) => {
					const text = await response.text();
					if (!process.life.alive) return;
					cancel();
					this.heard(text);
					const body = JSON.parse(text);
					const code = response.status === 200 ? 0 : body.code;
					const retryAfter = response.headers.get("retry-after");
					resolve({ status: response.status, code, retryAfter, body });
				});
			});
		});
	}
}

function queryText(parameters: Parameters): string {
	let text = "";
	for (const name in parameters) {
		text += `${text === "" ? "" : "&"}${name}=${encodeURIComponent(parameters[name] as string)}`;
	}
	return text;
}
