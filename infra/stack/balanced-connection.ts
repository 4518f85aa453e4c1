import { connect, type Socket } from "node:net";
import type { BackendAddress } from "./balancer.ts";
import { type RequestKind, type RequestPiece, RequestSplitter } from "./request-splitter.ts";

/** A client that has not said by then what it wants is gone. */
const FIRST_REQUEST_MS = 10_000;
const CONNECT_MS = 1_000;
const NOBODY =
	"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const SWITCHING = "HTTP/1.1 101";

/** A client's connection and the one backend that its requests go to now. */
export class BalancedConnection {
	private readonly client: Socket;
	private readonly choose: (kind: RequestKind) => readonly BackendAddress[];
	private readonly splitter = new RequestSplitter();
	private backend: Socket | null = null;
	private kind: RequestKind = "edge";
	private isTurning = false;
	/** The next words of the backend say whether this becomes a WebSocket. */
	private isUpgrading = false;

	/** @param choose backends of a kind, the one whose turn it is first */
	constructor(
		client: Socket,
		choose: (kind: RequestKind) => readonly BackendAddress[],
		closed: () => void,
	) {
		this.client = client;
		this.choose = choose;
		client.setTimeout(FIRST_REQUEST_MS, () => this.close());
		client.on("data", (bytes: Buffer) => this.fromClient(this.splitter.take(bytes)));
		client.on("end", () => this.ended());
		client.on("drain", () => this.backend?.resume());
		// What goes wrong closes it, and that is passed on.
		client.on("error", () => {});
		client.once("close", () => {
			this.backend?.destroy();
			closed();
		});
	}

	close(): void {
		this.client.destroy();
		this.backend?.destroy();
	}

	/** In order; while a backend is looked for, nothing more is read from the client. */
	private fromClient(pieces: readonly RequestPiece[]): void {
		for (const [i, piece] of pieces.entries()) {
			const isOther = piece.begins && (this.backend === null || piece.kind !== this.kind);
			if (isOther) {
				this.client.pause();
				this.isTurning = true;
				void this.turnTo(piece.kind).then((found) => {
					this.isTurning = false;
					if (!found) return;
					this.fromClient([{ ...piece, begins: false }, ...pieces.slice(i + 1)]);
					this.client.resume();
					if (this.client.readableEnded) this.ended();
				});
				return;
			}
			if (piece.upgrades) this.isUpgrading = true;
			if (this.backend?.write(piece.bytes) === false) this.client.pause();
		}
	}

	/** The client has said all it will; whoever is asked may still answer. */
	private ended(): void {
		if (this.isTurning) return;
		if (this.backend === null) this.client.end();
		else this.backend.end();
	}

	/** Goes to a backend of this kind from now on; the one before has answered all it was asked. */
	private async turnTo(kind: RequestKind): Promise<boolean> {
		this.client.setTimeout(0);
		const before = this.backend;
		this.backend = null;
		before?.removeAllListeners("end").removeAllListeners("close").destroy();
		for (const address of this.choose(kind)) {
			const backend = await connected(address);
			if (this.client.destroyed) {
				backend?.destroy();
				return false;
			}
			if (backend === null) continue;
			this.kind = kind;
			this.join(backend);
			return true;
		}
		this.client.end(NOBODY);
		return false;
	}

	private join(backend: Socket): void {
		const { client } = this;
		this.backend = backend;
		backend.on("data", (bytes: Buffer) => {
			if (this.isUpgrading) this.upgraded(bytes);
			if (!client.write(bytes)) backend.pause();
		});
		backend.on("drain", () => client.resume());
		backend.on("error", () => {});
		backend.once("end", () => client.end());
		backend.once("close", (failed) => {
			if (failed) client.destroy();
			else client.end();
		});
	}

	private upgraded(answer: Buffer): void {
		this.isUpgrading = false;
		if (answer.toString("latin1", 0, SWITCHING.length) === SWITCHING) this.splitter.follow();
	}
}

/** Null when nobody is there. */
function connected({ host, port }: BackendAddress): Promise<Socket | null> {
	return new Promise((resolve) => {
		const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
		const failed = (): void => {
			socket.destroy();
			resolve(null);
		};
		socket.once("error", failed);
		socket.setTimeout(CONNECT_MS, failed);
		socket.once("connect", () => {
			socket.setTimeout(0);
			socket.off("error", failed);
			socket.off("timeout", failed);
			resolve(socket);
		});
	});
}
