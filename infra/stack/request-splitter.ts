/** Where the bytes of a request go. */
export type RequestKind = "edge" | "streams";

/** A piece of what a client sent, within one request. */
export interface RequestPiece {
	readonly bytes: Buffer;
	readonly kind: RequestKind;
	/** It begins a request. */
	readonly begins: boolean;
	/** That request asks to become a WebSocket. */
	readonly upgrades: boolean;
}

const HEAD_END = "\r\n\r\n";
const LONGEST_HEAD = 65_536;

/**
 * Finds where requests begin in the bytes of an HTTP/1.1 connection. What it cannot follow (chunked
 * bodies, what is no HTTP) it takes for one request without end.
 */
export class RequestSplitter {
	private head: Buffer = Buffer.alloc(0);
	/** Bytes of the body that are still to come; Infinity where there is no knowing. */
	private bodyLeft = 0;
	private kind: RequestKind = "edge";

	/** All that comes from now on belongs to the request before: it has become a WebSocket. */
	follow(): void {
		this.bodyLeft = Number.POSITIVE_INFINITY;
	}

	/** The pieces that are whole enough to be sent on. */
	take(bytes: Buffer): RequestPiece[] {
		const pieces: RequestPiece[] = [];
		let rest = bytes;
		while (rest.length > 0) {
			if (this.bodyLeft > 0) {
				const body = rest.subarray(0, Math.min(rest.length, this.bodyLeft));
				this.bodyLeft -= body.length;
				rest = rest.subarray(body.length);
				pieces.push({ bytes: body, kind: this.kind, begins: false, upgrades: false });
				continue;
			}
			const known = this.head.length;
			const head = known === 0 ? rest : Buffer.concat([this.head, rest]);
			const end = head.indexOf(HEAD_END, Math.max(0, known - HEAD_END.length));
			if (end === -1 && head.length < LONGEST_HEAD) {
				this.head = head;
				return pieces;
			}
			const length = end === -1 ? head.length : end + HEAD_END.length;
			pieces.push(this.begun(head.subarray(0, length), end !== -1));
			this.head = Buffer.alloc(0);
			rest = head.subarray(length);
		}
		return pieces;
	}

	private begun(bytes: Buffer, isWhole: boolean): RequestPiece {
		const text = bytes.toString("latin1");
		const chunked = /\r\ntransfer-encoding:/i.test(text);
		const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
		this.bodyLeft = chunked || !isWhole ? Number.POSITIVE_INFINITY : length;
		this.kind = kindOf(text);
		const upgrades = /\r\nupgrade: *websocket/i.test(text);
		return { bytes, kind: this.kind, begins: true, upgrades };
	}
}

/** By the path of the request line: `GET /ws/btcusdt@trade HTTP/1.1`. */
function kindOf(head: string): RequestKind {
	const path = head.slice(0, head.indexOf("\r\n")).split(" ", 2)[1]?.split("?", 1)[0] ?? "";
	return path === "/ws" || path === "/stream" || path.startsWith("/ws/") ? "streams" : "edge";
}
