/** What came over a WebSocket, kept in order, and waited for. */
export class StreamClient {
	// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
	readonly frames: any[] = [];
	closeCode = 0;
	private readonly socket: WebSocket;
	private wake: () => void = () => {};
	private lastId = 0;

	private constructor(socket: WebSocket) {
		this.socket = socket;
		socket.onmessage = ({ data }) => {
			this.frames.push(JSON.parse(String(data)));
			this.wake();
		};
		socket.onclose = ({ code }) => {
			this.closeCode = code;
			this.wake();
		};
	}

	/** Connected; `httpUrl` as the exchange prints it. */
	static async open(httpUrl: string, path: string): Promise<StreamClient> {
		const socket = new WebSocket(`${httpUrl.replace("http", "ws")}${path}`);
		const client = new StreamClient(socket);
		await new Promise((resolve, reject) => {
			socket.onopen = resolve;
			socket.onerror = () => reject(new Error(`no WebSocket at ${path}`));
		});
		return client;
	}

	/** The first frame, from index `from` on, that is meant; waits for it, at most so many ms. */
	// biome-ignore lint/suspicious/noExplicitAny: as frames
	async until(meant: (frame: any) => boolean, from = 0, withinMs = 10_000): Promise<any> {
		const deadline = performance.now() + withinMs;
		for (;;) {
			const found = this.frames.slice(from).find(meant);
			if (found !== undefined) return found;
			const left = deadline - performance.now();
			if (this.closeCode !== 0) throw new Error(`closed with ${this.closeCode}: ${this.told()}`);
			if (left <= 0) throw new Error(`it never came: ${this.told()}`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, left);
				this.wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	/** Asks on /ws-api/v3; the reply with this request's id. */
	async ask(method: string, params: Record<string, unknown> = {}) {
		const id = `q${this.lastId++}`;
		this.send({ id, method, params });
		return this.until((frame) => frame.id === id);
	}

	send(frame: unknown): void {
		this.socket.send(JSON.stringify(frame));
	}

	/** Closes, and resolves when it is closed. */
	async close(): Promise<void> {
		this.socket.close();
		await this.closed();
	}

	async closed(): Promise<void> {
		while (this.closeCode === 0) {
			await new Promise<void>((resolve) => {
				this.wake = resolve;
			});
		}
	}

	private told(): string {
		return JSON.stringify(this.frames.slice(-5));
	}
}
