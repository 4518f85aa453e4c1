import type { Scheduler } from "../../../../schemas/ports/scheduler.ts";
import type { StreamsConnection, StreamsSocket } from "../../../streams/connection.ts";
import type { ProcessLife } from "../process-life.ts";

/** The client's end of a connection. */
export interface WireClient {
	opened(wire: Wire): void;
	text(text: string): void;
	/** It ended, or never came about. */
	closed(): void;
}

/** What a wire needs of the server it ends at. */
export interface WireServer {
	readonly life: ProcessLife;
	readonly limitBytes: number;
	/** Over the limit the client is closed; else what does not fit is dropped in silence, as Bun does. */
	readonly closesOverLimit: boolean;
	received(socket: StreamsSocket, text: string): void;
	ponged(socket: StreamsSocket, payload: string): void;
	ended(socket: StreamsSocket, code: number): void;
}

/** Abnormal closure: nobody said goodbye. */
const BROKEN = 1006;

/**
 * One WebSocket connection, with both its ends. Texts arrive in order, some time after they were sent,
 * and wait while the client does not read; they end with the connection.
 */
export class Wire {
	/** The server's end. */
	readonly socket: StreamsSocket;
	readonly topics = new Set<string>();
	private readonly server: WireServer;
	private readonly client: WireClient;
	private readonly time: Scheduler;
	private readonly delayMs: () => number;
	private waiting: string[] = [];
	private waitingBytes = 0;
	private reading = true;
	private delivering = false;
	/** The client's end is there. */
	private here = true;
	/** The server's end is there. */
	private there = true;

	constructor(
		server: WireServer,
		client: WireClient,
		data: StreamsConnection,
		time: Scheduler,
		delayMs: () => number,
	) {
		this.server = server;
		this.client = client;
		this.time = time;
		this.delayMs = delayMs;
		this.socket = this.serverEnd(data) as unknown as StreamsSocket;
		server.life.atEnd(() => this.end(BROKEN));
	}

	get open(): boolean {
		return this.there;
	}

	/** From the server; as Bun has it 0 when it was dropped. */
	push(text: string): number {
		if (!this.there) return 0;
		if (this.waitingBytes + text.length > this.server.limitBytes) {
			if (this.server.closesOverLimit) this.end(BROKEN);
			return 0;
		}
		this.waiting.push(text);
		this.waitingBytes += text.length;
		this.deliverSoon();
		return text.length;
	}

	/** From the client. */
	send(text: string): void {
		this.toServer(() => this.server.received(this.socket, text));
	}

	/** The client reads nothing for a while; what comes waits. */
	stall(ms: number): void {
		this.reading = false;
		this.time.after(ms, () => {
			this.reading = true;
			this.deliverSoon();
		});
	}

	/** The client closes. */
	close(): void {
		this.here = false;
		this.time.after(this.delayMs(), () => this.end(1000));
	}

	/** The client is gone without a word, and answers nothing. */
	vanish(): void {
		this.here = false;
	}

	/** The connection ends; the client hears so when it has read what came before. */
	private end(code: number): void {
		if (!this.there) return;
		this.there = false;
		this.server.life.scheduler.soon(() => this.server.ended(this.socket, code));
		this.deliverSoon();
	}

	private serverEnd(data: StreamsConnection) {
		const wire = this;
		return {
			data,
			get readyState(): number {
				return wire.there ? WebSocket.OPEN : WebSocket.CLOSED;
			},
			send: (text: string): number => this.push(text),
			subscribe: (topic: string): void => void this.topics.add(topic),
			unsubscribe: (topic: string): void => void this.topics.delete(topic),
			close: (code: number): void => this.end(code),
			terminate: (): void => this.end(BROKEN),
			ping: (payload: string): void => {
				if (this.reading) this.toServer(() => this.server.ponged(this.socket, payload));
			},
		};
	}

	/** The client's frames and pongs, unless either end is gone when they arrive. */
	private toServer(arrive: () => void): void {
		if (!this.here) return;
		this.time.after(this.delayMs(), () => {
			this.server.life.enter(() => {
				if (this.there) arrive();
			});
		});
	}

	private deliverSoon(): void {
		if (this.delivering) return;
		this.delivering = true;
		this.time.after(this.delayMs(), () => this.deliver());
	}

	private deliver(): void {
		this.delivering = false;
		if (!this.here || !this.reading) return;
		const texts = this.waiting;
		this.waiting = [];
		this.waitingBytes = 0;
		for (const text of texts) this.client.text(text);
		if (this.there || !this.here) return;
		this.here = false;
		this.client.closed();
	}
}
