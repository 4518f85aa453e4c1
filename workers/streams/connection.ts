import { AnsweredPings } from "../../schemas/answered-pings.ts";
import type { Random } from "../../schemas/ports/random.ts";
import type { Audience } from "./audience.ts";
import { formNumber, type PayloadForm, topicOf, wrapped } from "./payload-form.ts";
import { WindowLimit } from "./window-limit.ts";

/** One user's events on one connection. */
export interface UserStream {
	readonly userId: number;
	check(): void;
	stop(): void;
}

export type StreamsSocket = Bun.ServerWebSocket<StreamsConnection>;

/**
 * One client: what it listens to and in which form. It exists before its socket does, so that a user
 * stream is complete from the moment the client is connected.
 */
export class StreamsConnection {
	/** Tells these sockets from others on the same server. */
	readonly kind = "streams";
	readonly openedMs: number;
	readonly pings: AnsweredPings;
	/** Control messages and pings. */
	readonly inbound: WindowLimit;
	/** User streams by listen key. */
	readonly userStreams = new Map<string, UserStream>();
	/** Control messages are worked on one after another. */
	turn: Promise<void> = Promise.resolve();
	waitingMessages = 0;
	private currentForm: PayloadForm;
	private readonly streams = new Set<string>();
	private readonly audience: Audience;
	private socket: StreamsSocket | null = null;
	private outbox: string[] = [];
	private left = false;

	constructor(options: {
		readonly form: PayloadForm;
		readonly audience: Audience;
		readonly nowMs: number;
		readonly messagesPerSecond: number;
	}) {
		this.currentForm = options.form;
		this.audience = options.audience;
		this.openedMs = options.nowMs;
		this.pings = new AnsweredPings(options.nowMs);
		this.inbound = new WindowLimit(options.messagesPerSecond, 1_000);
	}

	get form(): PayloadForm {
		return this.currentForm;
	}

	/** True once nothing may be added: it is closed, or about to be. */
	get gone(): boolean {
		return this.left;
	}

	/** Streams and listen keys. */
	get names(): readonly string[] {
		return [...this.streams, ...this.userStreams.keys()];
	}

	/** Whether it has a user stream: of this user, or of anybody. */
	hears(userId?: number): boolean {
		const streams = [...this.userStreams.values()];
		return streams.some((stream) => userId === undefined || stream.userId === userId);
	}

	get marketStreams(): number {
		return this.streams.size;
	}

	/** The socket is there: what was subscribed and said before takes effect. */
	opened(socket: StreamsSocket): void {
		this.socket = socket;
		const form = formNumber(this.currentForm);
		for (const stream of this.streams) socket.subscribe(topicOf(stream, form));
		const waiting = this.outbox;
		this.outbox = [];
		for (const text of waiting) this.send(text);
	}

	subscribe(stream: string): void {
		if (this.left || this.streams.has(stream)) return;
		this.streams.add(stream);
		this.listen(stream);
	}

	unsubscribe(stream: string): void {
		if (this.streams.delete(stream)) this.unlisten(stream);
	}

	removeUserStream(listenKey: string): void {
		this.userStreams.get(listenKey)?.stop();
		this.userStreams.delete(listenKey);
	}

	setCombined(combined: boolean): void {
		for (const stream of this.streams) this.unlisten(stream);
		this.currentForm = { ...this.currentForm, combined };
		for (const stream of this.streams) this.listen(stream);
	}

	/** What is not taken is never skipped: a client that is too slow is cut off. */
	send(text: string): void {
		if (this.left) return;
		if (this.socket === null) this.outbox.push(text);
		else if (this.socket.send(text) === 0) this.cut();
	}

	/** An event for this client alone, in its connection's form; a stream may be a listen key. */
	sendEvent(stream: string, payload: Record<string, unknown>): void {
		const text = JSON.stringify(payload);
		this.send(this.currentForm.combined ? wrapped(stream, text) : text);
	}

	/** A time as this connection wants it written. */
	timeOf(ms: number): number {
		return this.currentForm.unit === "MICROSECOND" ? ms * 1_000 : ms;
	}

	ping(random: Random): void {
		this.socket?.ping(this.pings.next(random));
	}

	/** Says why and closes. */
	close(code: number, reason: string): void {
		this.leave();
		this.socket?.close(code, reason);
	}

	/** Closes without a word to a client that does not listen. */
	cut(): void {
		this.leave();
		this.socket?.terminate();
	}

	/** Takes back every subscription; harmless when done before. */
	leave(): void {
		if (this.left) return;
		this.left = true;
		for (const stream of this.streams) this.unlisten(stream);
		for (const stream of this.userStreams.values()) stream.stop();
		this.streams.clear();
		this.userStreams.clear();
	}

	private listen(stream: string): void {
		const form = formNumber(this.currentForm);
		this.audience.join(stream, form);
		this.socket?.subscribe(topicOf(stream, form));
	}

	private unlisten(stream: string): void {
		const form = formNumber(this.currentForm);
		this.audience.leave(stream, form);
		if (this.socket?.readyState === WebSocket.OPEN) this.socket.unsubscribe(topicOf(stream, form));
	}
}
