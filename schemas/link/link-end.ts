import type { Clock } from "../ports/clock.ts";
import type { Cancel, Scheduler } from "../ports/scheduler.ts";
import type { MessageKind } from "./messages.ts";
import { RowReader, type Scalar, type Shape, whole } from "./shape.ts";

/** With nothing to say for so long, an end sends an empty frame. */
const BEAT_MS = 500;
/** The other end has died or hangs: several beats are missing. */
const SILENCE_MS = 3_000;
/** A frame of more characters is sent as several: who takes it in has a bound, and others wait for their turn. */
const LARGE_FRAME = 4 << 20;
/** Why an end closes, from the numbers that RFC 6455 leaves to applications. */
export const CloseCode = { Done: 1000, BadFrame: 4000, Silence: 4001 } as const;

/** A row: its kind, and what the kind says. */
export type Message = Scalar[];

/** A message of this kind; what belongs to it beyond its shape is written behind. */
export function messageOf<T>(kind: MessageKind, shape: Shape<T>, content: T): Message {
	const row: Scalar[] = [kind];
	shape.write(content, row);
	return row;
}

/** What a link goes over. A WebSocket, for all but tests. */
export interface LinkSocket {
	send(frame: string): void;
	close(code: number, reason: string): void;
}

export interface LinkEndOptions {
	readonly socket: LinkSocket;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	/** A message has come; @throws RangeError when it is none of this end's. */
	receive(kind: MessageKind, row: RowReader): void;
	/** What is new since it was asked last: it goes ahead of whatever is said next, and of nothing said before. */
	news(): readonly Message[];
	/** Called once, whoever ended it. */
	closed(reason: string): void;
}

/** What has gone over a link. */
export class LinkTraffic {
	framesIn = 0;
	messagesIn = 0;
	framesOut = 0;
	messagesOut = 0;

	add(other: LinkTraffic): void {
		this.framesIn += other.framesIn;
		this.messagesIn += other.messagesIn;
		this.framesOut += other.framesOut;
		this.messagesOut += other.messagesOut;
	}
}

/**
 * One end of a link. Messages are rows; what is said within one turn leaves as one frame, a JSON array
 * of rows, or as several where it is much. An end that hears nothing for a while closes, so that nobody
 * waits for a process that hangs.
 */
export class LinkEnd {
	readonly traffic = new LinkTraffic();
	private readonly options: LinkEndOptions;
	private readonly stopBeat: Cancel;
	private outbox: Message[] = [];
	private heardMs: number;
	private flushing = false;
	private sentSinceBeat = false;
	private open = true;

	constructor(options: LinkEndOptions) {
		this.options = options;
		this.heardMs = options.clock.monotonicMs();
		this.stopBeat = options.scheduler.every(BEAT_MS, () => this.beat());
	}

	/** Says something, with the next frame. */
	say(message: Message): void {
		if (!this.open) return;
		this.outbox.push(...this.options.news(), message);
		this.flushSoon();
	}

	/** Sends in the next turn, for news that should not wait. */
	flushSoon(): void {
		if (this.flushing) return;
		this.flushing = true;
		this.options.scheduler.soon(() => {
			this.flushing = false;
			this.flush();
		});
	}

	private flush(): void {
		if (!this.open) return;
		const messages = [...this.outbox, ...this.options.news()];
		this.outbox = [];
		if (messages.length > 0) this.send(messages);
	}

	/** A frame has come. */
	receive(frame: string): void {
		if (!this.open) return;
		this.heardMs = this.options.clock.monotonicMs();
		try {
			this.take(frame);
		} catch (error) {
			this.close(CloseCode.BadFrame, `a bad frame: ${(error as Error).message}`);
		}
	}

	/** The socket has closed. */
	socketClosed(): void {
		this.end("the socket closed");
	}

	/** Sends what waits and closes. */
	close(code: number, reason: string): void {
		if (!this.open) return;
		this.flush();
		// First: a socket may tell of its end at once, and knows less of why.
		this.end(reason);
		this.options.socket.close(code, reason.slice(0, 100));
	}

	private take(frame: string): void {
		const rows: unknown = JSON.parse(frame);
		if (!Array.isArray(rows)) throw new RangeError("not an array");
		this.traffic.framesIn += 1;
		this.traffic.messagesIn += rows.length;
		for (const row of rows) {
			if (!Array.isArray(row)) throw new RangeError("not an array of arrays");
			const reader = new RowReader(row);
			this.options.receive(whole.read(reader) as MessageKind, reader);
			if (!this.open) return;
		}
	}

	private send(messages: readonly Message[]): void {
		const frame = JSON.stringify(messages);
		if (frame.length <= LARGE_FRAME) this.sendFrame(frame, messages.length);
		else this.sendInParts(messages);
	}

	/** As many together as are no large frame; one that is large by itself goes alone. */
	private sendInParts(messages: readonly Message[]): void {
		let rows: string[] = [];
		let length = 0;
		for (const message of messages) {
			const row = JSON.stringify(message);
			if (rows.length > 0 && length + row.length > LARGE_FRAME) {
				this.sendFrame(`[${rows.join()}]`, rows.length);
				[rows, length] = [[], 0];
			}
			rows.push(row);
			length += row.length;
		}
		this.sendFrame(`[${rows.join()}]`, rows.length);
	}

	private sendFrame(frame: string, messages: number): void {
		this.sentSinceBeat = true;
		this.traffic.framesOut += 1;
		this.traffic.messagesOut += messages;
		this.options.socket.send(frame);
	}

	private beat(): void {
		if (this.options.clock.monotonicMs() - this.heardMs >= SILENCE_MS) {
			this.close(CloseCode.Silence, "nothing was heard");
			return;
		}
		this.flush();
		if (!this.sentSinceBeat) this.send([]);
		this.sentSinceBeat = false;
	}

	private end(reason: string): void {
		if (!this.open) return;
		this.open = false;
		this.stopBeat();
		this.outbox = [];
		this.options.closed(reason);
	}
}
