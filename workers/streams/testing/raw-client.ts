import { connect, type Socket } from "node:net";

/** A WebSocket client by hand, for what a good one never does: not reading, not answering pings. */
export class RawClient {
	readonly closed: Promise<void>;
	readonly pings: Promise<void>;
	private readonly socket: Socket;
	private bytes: Buffer = Buffer.alloc(0);
	private readonly texts: string[] = [];
	private upgraded = false;
	private pinged: () => void = () => {};

	private constructor(socket: Socket) {
		this.socket = socket;
		this.pings = new Promise((resolve) => {
			this.pinged = resolve;
		});
		this.closed = new Promise((resolve) => socket.on("close", () => resolve()));
		socket.on("error", () => {});
	}

	/** Resolves when the handshake is done. */
	static connect(port: number, target: string): Promise<RawClient> {
		const socket = connect(port, "127.0.0.1");
		const client = new RawClient(socket);
		socket.write(
			`GET ${target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
				"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		);
		return new Promise((resolve) => {
			socket.on("data", (chunk: Buffer) => {
				client.read(chunk);
				if (client.upgraded) resolve(client);
			});
		});
	}

	/** Text frames so far. */
	get received(): readonly string[] {
		return this.texts;
	}

	/** Sends a frame of at most 125 bytes. */
	say(opcode: number, text: string): void {
		const mask = Buffer.alloc(4);
		const head = Buffer.from([0x80 | opcode, 0x80 | text.length]);
		this.socket.write(Buffer.concat([head, mask, Buffer.from(text)]));
	}

	stopReading(): void {
		this.socket.pause();
	}

	readOn(): void {
		this.socket.resume();
	}

	end(): void {
		this.socket.destroy();
	}

	private read(chunk: Buffer): void {
		this.bytes = Buffer.concat([this.bytes, chunk]);
		if (!this.upgraded) {
			const end = this.bytes.indexOf("\r\n\r\n");
			if (end < 0) return;
			this.upgraded = true;
			this.bytes = this.bytes.subarray(end + 4);
		}
		while (this.frame());
	}

	/** Takes one frame of a server, which are not masked; false when there is none whole. */
	private frame(): boolean {
		if (this.bytes.length < 2) return false;
		const short = this.bytes[1]! & 0x7f;
		const head = short < 126 ? 2 : short === 126 ? 4 : 10;
		if (this.bytes.length < head) return false;
		const length =
			short < 126
				? short
				: short === 126
					? this.bytes.readUInt16BE(2)
					: Number(this.bytes.readBigUInt64BE(2));
		if (this.bytes.length < head + length) return false;
		const opcode = this.bytes[0]! & 0x0f;
		if (opcode === 1) this.texts.push(this.bytes.toString("utf8", head, head + length));
		if (opcode === 9) this.pinged();
		this.bytes = this.bytes.subarray(head + length);
		return true;
	}
}
