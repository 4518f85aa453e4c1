import { createServer } from "node:net";
import { LOOPBACK } from "./free-port.ts";

/** Below the ports that systems give to outgoing connections: nobody else takes one by chance. */
const FIRST = 10_000;
const LAST = 32_000;

/**
 * Ports for servers that come back: free now, each another, and never one that the system gives to an
 * outgoing connection while its server is down.
 */
export async function lastingPorts(count: number): Promise<number[]> {
	const ports: number[] = [];
	let port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
	while (ports.length < count) {
		if (await isFree(port)) ports.push(port);
		port = port === LAST ? FIRST : port + 1;
	}
	return ports;
}

function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
	});
}
