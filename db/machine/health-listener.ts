import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a process says of itself: it starts, stands by until another dies, or does its work. */
export type ProcessState = "starting" | "standby" | "ready" | "stopping";

/** Asked by whoever watches the process. */
export interface HealthSource {
	state(): ProcessState;
	/** What else there is to know, by name: nothing, when all is well. */
	facts(): Readonly<Record<string, string>>;
	/** Prometheus text. */
	metrics(): string;
}

/**
 * The listener that each process has for those who watch it: `/health/live`, `/health/ready` and
 * `/metrics`. One that stands by is ready: it is connected, and waits for its turn.
 */
export class HealthListener {
	readonly port: number;
	private readonly server: Server;

	private constructor(server: Server) {
		this.server = server;
		this.port = (server.address() as AddressInfo).port;
	}

	/** @param port 0: the system chooses */
	static open(host: string, port: number, source: HealthSource): Promise<HealthListener> {
		const server = createServer((request, response) => {
			answer(request.url ?? "", response, source);
		});
		return new Promise((resolve, reject) => {
			server.once("error", reject);
			server.listen(port, host, () => {
				server.off("error", reject);
				resolve(new HealthListener(server));
			});
		});
	}

	close(): void {
		this.server.close();
		this.server.closeAllConnections();
	}
}

function answer(url: string, response: ServerResponse, source: HealthSource): void {
	const path = url.split("?", 1)[0];
	if (path === "/health/live") return json(response, 200, { status: "live" });
	if (path === "/health/ready") {
		const status = source.state();
		const isReady = status === "ready" || status === "standby";
		return json(response, isReady ? 200 : 503, { status, ...source.facts() });
	}
	if (path === "/metrics") {
		response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
		response.end(source.metrics());
		return;
	}
	json(response, 404, { error: "there are /health/live, /health/ready and /metrics" });
}

function json(response: ServerResponse, status: number, body: object): void {
	response.writeHead(status, { "content-type": "application/json" });
	response.end(JSON.stringify(body));
}
