import { expect, test } from "bun:test";
import { join, resolve } from "node:path";
import { BACKPRESSURE_LIMIT_BYTES } from "./listening.ts";

const checkout = resolve(import.meta.dir, "../..");
/** The runtime's own program: the package's script needs Node. */
const DENO = join(checkout, "node_modules/deno/deno");

/** A client that reads nothing after its upgrade, and a session that talks until it is told to be closed. */
const TALK = `
	import { serveEdge } from "${join(import.meta.dir, "deno-server.ts")}";
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
	const client = await Deno.connect({ hostname: "127.0.0.1", port });
	const head = ["GET /ws-api/v3 HTTP/1.1", "Host: h", "Upgrade: websocket", "Connection: Upgrade"];
	const key = ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""];
	await client.write(new TextEncoder().encode([...head, ...key].join("\\r\\n")));
`;

test("under Deno, too, a client that leaves too much unread is closed", async () => {
	const child = Bun.spawn([DENO, "run", "--quiet", "--no-prompt", "--allow-all", "-"], {
		cwd: checkout,
		stdin: new Blob([TALK]),
		stdout: "pipe",
		stderr: "inherit",
	});
	const sent = Number(await new Response(child.stdout).text());
	expect(sent).toBeGreaterThan(BACKPRESSURE_LIMIT_BYTES);
	// What the system holds for a connection comes on top.
	expect(sent).toBeLessThan(8 * BACKPRESSURE_LIMIT_BYTES);
}, 30_000);
