import { type AddressInfo, createServer } from "node:net";

/** The one address servers of a stack or a test listen on. */
export const LOOPBACK = "127.0.0.1";

/** A port of the loopback address that the system chose and nobody listens on now. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, LOOPBACK, () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}
