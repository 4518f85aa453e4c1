import { expect, test } from "bun:test";
import { join, resolve } from "node:path";
import { BACKPRESSURE_LIMIT_BYTES } from "./listening.ts";

const checkout = resolve(import.meta.dir, "../..");
/** The runtime's own program: the package's script needs Node. */
const DENO = join(checkout, "node_modules/deno/deno");

const CONNECTING = `
	import { serveEdge } from "${join(import.meta.dir, "deno-server.ts")}";
	async function connecting(port) {
		const client = await Deno.connect({ hostname: "127.0.0.1", port });
		const head = ["GET /ws-api/v3 HTTP/1.1", "Host: h", "X-Forwarded-For: 192.0.2.7", "Connection: Upgrade"];
		const websocket = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
		await client.write(new TextEncoder().encode([...head, ...websocket, "", ""].join("\\r\\n")));
		return client;
	}
`;

/** A client that reads nothing after its upgrade, and a session that talks until it is told to be closed. */
const TALK = `
	${CONNECTING}
	let sent = 0;
	const edge = {
		admitWsApi: () => null,
		openWsApi(socket) {
			const text = "x".repeat(100_000);
			const talking = setInterval(() => {
				sent += text.length;
				socket.send(text);
			});
			return { receive() {}, closed: () => clearInterval(talking) || console.log(sent) || Deno.exit() };
		},
	};
	const { port } = serveEdge(edge, {}, { hostname: "127.0.0.1", port: 0 });
	await connecting(port);
`;

/** Clients that leave at once or a little later, and a session that looks where they are from when it opens. */
const LEAVE = `
	${CONNECTING}
	const from = new Set();
	const edge = {
		admitWsApi: () => null,
		openWsApi(_socket, { headers }) {
			from.add(headers.get("x-forwarded-for"));
			return { receive() {}, closed() {} };
		},
	};
	const { port } = serveEdge(edge, {}, { hostname: "127.0.0.1", port: 0 });
	for (let i = 0; i < 300; i += 1) {
		const client = await connecting(port);
		if (i % 3 > 0) await new Promise((resolve) => setTimeout(resolve, i % 3));
		client.close();
	}
	const last = await connecting(port);
	await last.read(new Uint8Array(100));
	console.log([...from].join());
	Deno.exit();
`;

/** What requests are answered that ask for a WebSocket, each without one header that it needs. */
const HALF_RIGHT = `
	import { serveEdge } from "${join(import.meta.dir, "deno-server.ts")}";
	const edge = { admitWsApi: () => null, openWsApi: () => ({ receive() {}, closed() {} }) };
	const { port } = serveEdge(edge, {}, { hostname: "127.0.0.1", port: 0 });
	const needed = ["Upgrade: websocket", "Connection: keep-alive, Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
	for (const left of [...needed, "none"]) {
		const client = await Deno.connect({ hostname: "127.0.0.1", port });
		const sent = needed.filter((header) => header !== left);
		const head = ["GET /ws-api/v3 HTTP/1.1", "Host: h", "Sec-WebSocket-Version: 13", ...sent, "", ""];
		await client.write(new TextEncoder().encode(head.join("\\r\\n")));
		const bytes = new Uint8Array(1_000);
		await client.read(bytes);
		console.log(new TextDecoder().decode(bytes).slice(9, 12));
	}
	Deno.exit();
`;

function saidBy(program: string): Promise<string> {
	const child = Bun.spawn([DENO, "run", "--quiet", "--no-prompt", "--allow-all", "-"], {
		cwd: checkout,
		stdin: new Blob([program]),
		stdout: "pipe",
		stderr: "inherit",
	});
	return new Response(child.stdout).text();
}

test("under Deno, too, a client that leaves too much unread is closed", async () => {
	const sent = Number(await saidBy(TALK));
	expect(sent).toBeGreaterThan(BACKPRESSURE_LIMIT_BYTES);
	// What the system holds for a connection comes on top.
	expect(sent).toBeLessThan(8 * BACKPRESSURE_LIMIT_BYTES);
}, 30_000);

test("clients that leave while they connect do it no harm", async () => {
	expect(await saidBy(LEAVE)).toBe("192.0.2.7\n");
}, 30_000);

test("a request that asks for a WebSocket only by half is refused as any other is", async () => {
	expect(await saidBy(HALF_RIGHT)).toBe("426\n426\n426\n101\n");
}, 30_000);
