import { LinkEnd, type LinkSocket, messageOf } from "../../../schemas/link/link-end.ts";
import { type Hello, hello, MessageKind } from "../../../schemas/link/messages.ts";
import type { RowReader } from "../../../schemas/link/shape.ts";
import type { Clock } from "../../../schemas/ports/clock.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import { CallServer } from "./call-server.ts";
import type { LinkService } from "./link-service.ts";

export interface DialedLinkOptions {
	readonly socket: LinkSocket;
	readonly service: LinkService;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	onFatal(error: unknown): void;
	onClosed(reason: string): void;
}

/** The worker's end of the link to one gateway. */
export class DialedLink {
	readonly end: LinkEnd;
	private readonly calls: CallServer;
	private readonly stopNews: () => void;
	/** Hellos said that the gateway has not heard yet. */
	private unheard = 0;

	constructor(options: DialedLinkOptions) {
		const { service } = options;
		this.end = new LinkEnd({
			...options,
			news: service.newsOfLink(),
			receive: (kind, row) => this.receive(kind, row),
			closed: (reason) => {
				this.stopNews();
				options.onClosed(reason);
			},
		});
		this.calls = new CallServer(this.end, service, options.onFatal);
		this.stopNews = service.onNews(() => this.end.flushSoon());
		this.greet(service.hello());
	}

	/** Says whom it serves from here on. */
	greet(content: Hello): void {
		this.unheard += 1;
		this.end.say(messageOf(MessageKind.Hello, hello, content));
	}

	/** True when the gateway knows of the last hello, and everything it asked is answered. */
	get idle(): boolean {
		return this.unheard === 0 && this.calls.pending === 0;
	}

	private receive(kind: MessageKind, row: RowReader): void {
		if (kind === MessageKind.Call) {
			this.calls.take(row);
		} else if (kind === MessageKind.Heard) {
			row.end();
			this.unheard -= 1;
		} else {
			throw new RangeError(`no message of a gateway: ${kind}`);
		}
	}
}
