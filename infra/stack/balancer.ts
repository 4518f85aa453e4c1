import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export interface BackendAddress {
	readonly host: string;
	readonly port: number;
}

export interface BalancerOptions {
	readonly host: string;
	/** 0 lets the system choose. */
	readonly port: number;
	/** Who takes REST and /ws-api now, and who takes streams; asked for each connection. */
	edges(): readonly BackendAddress[];
	streams(): readonly BackendAddress[];
}

const LONGEST_LINE = 16_384;
/** A client that has not said by then what it wants is gone. */
const FIRST_LINE_MS = 10_000;
const CONNECT_MS = 1_000;
const NOBODY =
	"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/**
 * The one public address of a stack, in the place of AWS' load balancer: takes a connection, reads the
 * first line of its first request, and hands the connection on, byte for byte: `/ws` and `/stream` to a
 * streams process, all else to an edge, in turns. One that does not answer is passed over.
 */
export class Balancer {
	readonly port: number;
	private readonly options: BalancerOptions;
	private readonly server: Server;
	private readonly open = new Set<Socket>();
	private turn = 0;

	private constructor(options: BalancerOptions, server: Server) {
		this.options = options;
		this.server = server;
		this.port = (server.address() as AddressInfo).port;
	}

	/** @throws Error with the code EADDRINUSE when the port is taken */
	static listen(options: BalancerOptions): Promise<Balancer> {
		const server = createServer({ allowHalfOpen: true, noDelay: true });
		return new Promise((resolve, reject) => {
			server.once("error", reject);
			server.listen(options.port, options.host, () => {
				const balancer = new Balancer(options, server);
				server.on("connection", (client) => balancer.take(client));
				resolve(balancer);
			});
		});
	}

	/** Takes no more connections; those that are open go on. */
	stopTaking(): void {
		this.server.close();
	}

	/** Ends every connection that is still open. */
	close(): void {
		this.server.close();
		for (const socket of this.open) socket.destroy();
	}

	private take(client: Socket): void {
		this.keep(client);
		let head: Buffer = Buffer.alloc(0);
		const giveUp = (): void => void client.destroy();
		client.setTimeout(FIRST_LINE_MS, giveUp);
		client.once("end", giveUp);
		const read = (bytes: Buffer): void => {
			head = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
			const end = head.indexOf("\n");
			if (end === -1 && head.length < LONGEST_LINE) return;
			client.off("data", read).off("end", giveUp).off("timeout", giveUp);
			client.pause();
			client.setTimeout(0);
			const line = head.toString("latin1", 0, end === -1 ? head.length : end);
			void this.handOn(client, head, isForStreams(line));
		};
		client.on("data", read);
	}

	private async handOn(client: Socket, head: Buffer, forStreams: boolean): Promise<void> {
		const backends = forStreams ? this.options.streams() : this.options.edges();
		this.turn += 1;
		for (let i = 0; i < backends.length; i += 1) {
			const backend = backends[(this.turn + i) % backends.length] as BackendAddress;
			const server = await connected(backend);
			if (client.destroyed) return void server?.destroy();
			if (server === null) continue;
			this.keep(server);
			server.write(head);
			join(client, server);
			join(server, client);
			return;
		}
		client.end(NOBODY);
	}

	private keep(socket: Socket): void {
		this.open.add(socket);
		// What goes wrong closes it, and that is passed on.
		socket.on("error", () => {});
		socket.once("close", () => this.open.delete(socket));
	}
}

/** By the path of a request line: `GET /ws/btcusdt@trade HTTP/1.1`. */
function isForStreams(line: string): boolean {
	const path = line.split(" ", 2)[1]?.split("?", 1)[0] ?? "";
	return path === "/ws" || path === "/stream" || path.startsWith("/ws/");
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
			resolve(socket);
		});
	});
}

/** All that comes from one goes to the other, no faster than that takes it; so does its end. */
function join(from: Socket, to: Socket): void {
	from.pipe(to);
	from.once("close", (failed) => {
		if (failed || !from.readableEnded) to.destroy();
	});
}
