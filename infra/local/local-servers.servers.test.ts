import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDynamoDb } from "./dynamodb-local.ts";
import { freePort, LOOPBACK } from "./free-port.ts";
import { startKafka } from "./kafka.ts";
import type { LocalServer } from "./local-server.ts";
import { startRedis } from "./redis.ts";
import { LOOPBACK_ADDRESSES, listeningSockets } from "./testing/listening-sockets.ts";
import { startS3 } from "./versitygw.ts";

describe("the real servers on this machine", () => {
	const folder = mkdtempSync(join(tmpdir(), "castle-servers-"));
	let servers: LocalServer[] = [];

	beforeAll(async () => {
		const say = (line: string) => console.error(line);
		servers = await Promise.all([
			startKafka({ folder: join(folder, "kafka"), say }),
			startRedis({ folder: join(folder, "redis"), say }),
			startDynamoDb({ folder: join(folder, "dynamodb"), say, durable: true }),
			startS3({ folder: join(folder, "s3"), say }),
		]);
	});

	afterAll(async () => {
		await Promise.all(servers.map((server) => server.stop()));
		rmSync(folder, { recursive: true });
	});

	test("listen on the loopback address only", () => {
		for (const { name, pid, port } of servers) {
			const sockets = listeningSockets(pid);
			expect({ name, ports: sockets.map((s) => s.port) }).toEqual({
				name,
				ports: expect.arrayContaining([port]),
			});
			const open = sockets.filter((s) => !LOOPBACK_ADDRESSES.includes(s.address));
			expect({ name, open }).toEqual({ name, open: [] });
		}
	});

	test("one that listens on all addresses would be seen", async () => {
		const open = createServer();
		await new Promise<void>((resolve) => open.listen(0, "0.0.0.0", resolve));
		const addresses = listeningSockets(process.pid).map((s) => s.address);
		expect(addresses.some((address) => !LOOPBACK_ADDRESSES.includes(address))).toBe(true);
		open.close();
	});
});

describe("one server", () => {
	const folder = mkdtempSync(join(tmpdir(), "castle-server-"));
	afterAll(() => rmSync(folder, { recursive: true }));

	test("is gone after stop, and starts again in its folder on its port", async () => {
		const first = await startRedis({ folder });
		expect(first.isRunning()).toBe(true);
		await first.stop();
		await first.stop();
		expect(first.isRunning()).toBe(false);
		const second = await startRedis({ folder, port: first.port });
		expect([second.port, second.logFile]).toEqual([first.port, first.logFile]);
		process.kill(second.pid, "SIGKILL");
		await second.stop();
		expect(second.isRunning()).toBe(false);
	});

	test("that cannot start says why", async () => {
		const port = await freePort();
		const taken = createServer((socket) => socket.destroy());
		await new Promise<void>((resolve) => taken.listen(port, LOOPBACK, resolve));
		await expect(startRedis({ folder, port })).rejects.toThrow(
			/redis did not start.*already in use/s,
		);
		taken.close();
	});
});
