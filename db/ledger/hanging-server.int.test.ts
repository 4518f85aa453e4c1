import { afterAll, beforeAll, expect, test } from "bun:test";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { PostgresPool } from "./postgres-pool.ts";

/** AuthenticationOk and ReadyForQuery: as much as a server says before it is asked anything. */
const WELCOME = Buffer.from(
	[..."R\0\0\0\x08\0\0\0\0", ..."Z\0\0\0\x05I"].map((c) => c.charCodeAt(0)),
);

let server: Server;
const sockets = new Set<Socket>();

/** A server that hangs: it takes connections, and never answers what it is asked. */
beforeAll(async () => {
	server = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		socket.once("data", () => socket.write(WELCOME));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(() => {
	for (const socket of sockets) socket.destroy();
	server.close();
});

test("a server that hangs is given up with its connections, and fails nobody but who asked", async () => {
	const loose: unknown[] = [];
	const note = (error: unknown): void => void loose.push(error);
	process.on("unhandledRejection", note);
	const { port } = server.address() as AddressInfo;
	const settings = { host: "127.0.0.1", port, database: "d", user: "u", password: "", tls: null };
	const pool = new PostgresPool(settings, 2, (client) => client, 300);
	for (let round = 0; round < 3; round += 1) {
		const asked = [1, 2, 3].map(() => pool.run((sql) => sql`select 1`));
		for (const answer of await Promise.allSettled(asked)) {
			expect(answer).toMatchObject({ reason: expect.any(LedgerUnavailable) });
		}
	}
	await pool.close();
	// What a connection left behind fails when it ends.
	await Promise.all([...sockets].map(closed));
	process.off("unhandledRejection", note);
	expect(loose).toEqual([]);
	// The old connections were thrown away each time.
	expect(sockets.size).toBeGreaterThan(2);
});

function closed(socket: Socket): Promise<void> {
	return new Promise((resolve) => {
		if (socket.closed) resolve();
		else socket.once("close", () => resolve());
	});
}
