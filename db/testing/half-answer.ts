import { createServer, type Socket } from "node:net";

/** A server of HTTP that begins each answer, and leaves it there with the connection open. */
export async function halfAnswers(): Promise<{ readonly url: string; close(): void }> {
	const sockets: Socket[] = [];
	const server = createServer((socket) => {
		sockets.push(socket);
		socket.on("error", () => {});
		socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { port: number };
	return {
		url: `http://127.0.0.1:${port}`,
		close() {
			for (const socket of sockets) socket.destroy();
			server.close();
		},
	};
}
