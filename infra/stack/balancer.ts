import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { BalancedConnection } from "./balanced-connection.ts";
import type { RequestKind } from "./request-splitter.ts";

export interface BackendAddress {
	readonly host: string;
	readonly port: number;
}

export interface BalancerOptions {
	readonly host: string;
	/** 0 lets the system choose. */
	readonly port: number;
	/** Who takes REST and /ws-api now, and who takes streams; asked whenever one is to be chosen. */
	backends(kind: RequestKind): readonly BackendAddress[];
}

/**
 * The one public address of a stack, in the place of AWS' load balancer: looks where each request of a
 * connection is to go, and hands it on byte for byte: `/ws` and `/stream` to a streams process, all else
 * to an edge. Connections take turns; a backend that does not answer is passed over.
 */
export class Balancer {
	readonly port: number;
	private readonly options: BalancerOptions;
	private readonly server: Server;
	private readonly open = new Set<BalancedConnection>();
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
		for (const connection of this.open) connection.close();
	}

	private take(client: Socket): void {
		const connection = new BalancedConnection(
			client,
			(kind) => this.inTurn(this.options.backends(kind)),
			() => this.open.delete(connection),
		);
		this.open.add(connection);
	}

	/** All of them, another one first each time. */
	private inTurn(backends: readonly BackendAddress[]): readonly BackendAddress[] {
		if (backends.length === 0) return backends;
		this.turn += 1;
		const first = this.turn % backends.length;
		return [...backends.slice(first), ...backends.slice(0, first)];
	}
}
