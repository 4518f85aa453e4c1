/** A WebSocket client whose messages are taken one by one. */
export class TestClient {
	readonly socket: WebSocket;
	readonly opened: Promise<void>;
	readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
	private readonly arrived: string[] = [];
	private readonly takers: ((text: string) => void)[] = [];

	constructor(url: string) {
		this.socket = new WebSocket(url);
		this.opened = new Promise((resolve, reject) => {
			this.socket.addEventListener("open", () => resolve());
			this.socket.addEventListener("close", (e) => reject(new Error(`closed: ${e.code}`)));
		});
		this.closed = new Promise((resolve) => {
			this.socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
		});
		this.socket.addEventListener("message", (event) => {
			const text = String(event.data);
			const taker = this.takers.shift();
			if (taker === undefined) this.arrived.push(text);
			else taker(text);
		});
	}

	/** The next message, as text. */
	text(): Promise<string> {
		const text = this.arrived.shift();
		if (text !== undefined) return Promise.resolve(text);
		return new Promise((resolve) => this.takers.push(resolve));
	}

	/** The next message. */
	async next(): Promise<unknown> {
		return JSON.parse(await this.text());
	}

	/** Sends a control message and takes what comes next as its answer. */
	async ask(method: string, params?: unknown, id: unknown = 1): Promise<unknown> {
		this.socket.send(JSON.stringify({ method, params, id }));
		return this.next();
	}

	/** Messages that arrived and were not taken. */
	get untaken(): readonly string[] {
		return this.arrived;
	}
}
