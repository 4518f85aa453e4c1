/** WebSocket clients that follow the books while orders are driven, as a venue at work has them. */
export class DepthSubscribers {
	/** Messages that came. */
	messages = 0;
	private readonly sockets: readonly WebSocket[];

	private constructor(sockets: readonly WebSocket[]) {
		this.sockets = sockets;
		for (const socket of sockets) {
			socket.onmessage = () => {
				this.messages += 1;
			};
		}
	}

	/** Resolves when all are connected. */
	static async connect(
		url: string,
		count: number,
		symbols: readonly string[],
	): Promise<DepthSubscribers> {
		const base = url.replace(/^http/, "ws");
		const opening = Array.from({ length: count }, (_, i) => {
			const symbol = (symbols[i % symbols.length] ?? "").toLowerCase();
			return opened(new WebSocket(`${base}/ws/${symbol}@depth@100ms`));
		});
		return new DepthSubscribers(await Promise.all(opening));
	}

	close(): void {
		for (const socket of this.sockets) socket.close();
	}
}

function opened(socket: WebSocket): Promise<WebSocket> {
	return new Promise((resolve, reject) => {
		socket.onopen = () => resolve(socket);
		socket.onerror = () => reject(new Error(`${socket.url} could not be opened`));
	});
}
