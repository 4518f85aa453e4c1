type Level = [price: string, qty: string];

interface Depth {
	readonly lastUpdateId: number;
	readonly bids: Level[];
	readonly asks: Level[];
}

interface DepthUpdate {
	readonly e: string;
	readonly U: number;
	readonly u: number;
	readonly b: Level[];
	readonly a: Level[];
}

/** A client's own book, kept by Binance's documented algorithm over `@depth@100ms`. */
export class LocalBook {
	/** Book changes seen, by their ids. */
	updates = 0;
	/** What broke the sequence; null while all is well. */
	fault: string | null = null;
	private readonly url: string;
	private readonly symbol: string;
	private readonly sides = { bids: new Map<string, string>(), asks: new Map<string, string>() };
	private readonly buffered: DepthUpdate[] = [];
	private lastUpdateId = 0;
	private live = false;
	private socket: WebSocket | null = null;
	private waiting: { readonly id: number; readonly resolve: () => void } | null = null;

	constructor(url: string, symbol: string) {
		this.url = url;
		this.symbol = symbol;
	}

	/** Connects, buffers, takes the snapshot, applies what it does not have yet. */
	async open(): Promise<void> {
		const stream = `${this.symbol.toLowerCase()}@depth@100ms`;
		const socket = new WebSocket(`${this.url.replace("http", "ws")}/ws/${stream}`);
		this.socket = socket;
		socket.onmessage = (message) => this.receive(JSON.parse(String(message.data)));
		socket.onclose = (event) => {
			if (this.socket !== null) this.fault ??= `closed: ${event.code} ${event.reason}`;
		};
		await new Promise((resolve, reject) => {
			socket.onopen = resolve;
			socket.onerror = reject;
		});
		const depth = await this.depth();
		for (const side of ["bids", "asks"] as const) {
			for (const [price, qty] of depth[side]) this.sides[side].set(price, qty);
		}
		this.lastUpdateId = depth.lastUpdateId;
		this.live = true;
		for (const update of this.buffered.splice(0)) this.apply(update);
	}

	async depth(): Promise<Depth> {
		const query = `symbol=${this.symbol}&limit=5000`;
		return (await (await fetch(`${this.url}/api/v3/depth?${query}`)).json()) as Depth;
	}

	/** Resolves when the book has everything up to this id. */
	caughtUp(id: number): Promise<void> {
		if (this.lastUpdateId >= id || this.fault !== null) return Promise.resolve();
		return new Promise((resolve) => {
			this.waiting = { id, resolve };
		});
	}

	/** Levels, best first. */
	side(name: "bids" | "asks"): Level[] {
		const sign = name === "bids" ? -1 : 1;
		return [...this.sides[name]].sort((a, b) => sign * (Number(a[0]) - Number(b[0])));
	}

	close(): void {
		const { socket } = this;
		this.socket = null;
		socket?.close();
	}

	private receive(update: DepthUpdate): void {
		if (update.e !== "depthUpdate") return;
		if (this.live) this.apply(update);
		else this.buffered.push(update);
	}

	private apply(update: DepthUpdate): void {
		if (update.u <= this.lastUpdateId) return;
		if (update.U > this.lastUpdateId + 1) {
			this.fault ??= `gap: have ${this.lastUpdateId}, got ${update.U} to ${update.u}`;
		}
		for (const [side, levels] of [
			[this.sides.bids, update.b],
			[this.sides.asks, update.a],
		] as const) {
			for (const [price, qty] of levels) {
				if (qty === "0.00000000") side.delete(price);
				else side.set(price, qty);
			}
		}
		this.updates += update.u - this.lastUpdateId;
		this.lastUpdateId = update.u;
		if (this.waiting !== null && this.lastUpdateId >= this.waiting.id) this.waiting.resolve();
	}
}
