import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort, LOOPBACK } from "../local/free-port.ts";
import { type BackendAddress, Balancer } from "./balancer.ts";

/** A backend that says its name, then what it is sent. */
class Echo {
	readonly address: BackendAddress;
	readonly taken: Socket[] = [];
	says: string;
	private readonly server: Server;

	private constructor(server: Server, says: string) {
		this.server = server;
		this.says = says;
		this.address = { host: LOOPBACK, port: (server.address() as { port: number }).port };
	}

	static open(name: string): Promise<Echo> {
		const server = createServer({ allowHalfOpen: true });
		return new Promise((resolve) => {
			server.listen(0, LOOPBACK, () => {
				const echo = new Echo(server, `${name}:`);
				server.on("connection", (socket) => {
					echo.taken.push(socket);
					socket.on("error", () => {});
					socket.write(echo.says);
					socket.pipe(socket);
				});
				resolve(echo);
			});
		});
	}

	close(): void {
		this.server.close();
		for (const socket of this.taken) socket.destroy();
	}
}

describe("the balancer", () => {
	let edges: Echo[];
	let streams: Echo[];
	let living: { edges: BackendAddress[]; streams: BackendAddress[] };
	let balancer: Balancer;

	beforeEach(async () => {
		edges = await Promise.all(["edge1", "edge2"].map((name) => Echo.open(name)));
		streams = [await Echo.open("streams")];
		living = { edges: edges.map((e) => e.address), streams: streams.map((s) => s.address) };
		balancer = await Balancer.listen({
			...{ host: LOOPBACK, port: 0 },
			backends: (kind) => (kind === "edge" ? living.edges : living.streams),
		});
	});

	afterEach(() => {
		balancer.close();
		for (const backend of [...edges, ...streams]) backend.close();
	});

	function client(): Socket {
		const socket = connect({ host: LOOPBACK, port: balancer.port, allowHalfOpen: true });
		socket.on("error", () => {});
		return socket;
	}

	/** Everything that comes back until the connection's end. */
	function said(socket: Socket): Promise<string> {
		let text = "";
		return new Promise((resolve) => {
			socket.on("data", (bytes) => {
				text += bytes.toString("latin1");
			});
			socket.on("close", () => resolve(text));
			socket.on("end", () => socket.end());
		});
	}

	/** Sends a request line, ends, and gives the answer. */
	function ask(line: string): Promise<string> {
		const socket = client();
		socket.end(`${line}\r\nhost: castle\r\n\r\n`);
		return said(socket);
	}

	test.each([
		["GET /ws HTTP/1.1", "streams"],
		["GET /ws/btcusdt@trade HTTP/1.1", "streams"],
		["GET /ws?timeUnit=MICROSECOND HTTP/1.1", "streams"],
		["GET /stream?streams=a/b HTTP/1.1", "streams"],
		["GET /ws-api/v3 HTTP/1.1", "edge"],
		["GET /wsx HTTP/1.1", "edge"],
		["GET /streams HTTP/1.1", "edge"],
		["POST /api/v3/order?symbol=/ws HTTP/1.1", "edge"],
		["nothing of HTTP", "edge"],
	])("%s goes to %s, whole", async (line, to) => {
		const answer = await ask(line);
		expect(answer).toStartWith(to);
		expect(answer.slice(answer.indexOf(":") + 1)).toBe(`${line}\r\nhost: castle\r\n\r\n`);
	});

	test("edges take turns; one that is away is passed over, and nobody's are refused with 503", async () => {
		const names = async () =>
			(await Promise.all([1, 2, 3, 4].map(() => ask("GET / HTTP/1.1"))))
				.map((answer) => answer.split(":", 1)[0])
				.sort();
		expect(await names()).toEqual(["edge1", "edge1", "edge2", "edge2"]);
		const nobody = { host: LOOPBACK, port: await freePort() };
		living.edges = [nobody, ...living.edges.slice(0, 1)];
		expect(await names()).toEqual(["edge1", "edge1", "edge1", "edge1"]);
		living.edges = [nobody];
		expect(await ask("GET / HTTP/1.1")).toStartWith("HTTP/1.1 503 ");
		living.edges = [];
		expect(await ask("GET / HTTP/1.1")).toStartWith("HTTP/1.1 503 ");
	});

	test("a request line in pieces is put together before it is decided", async () => {
		const socket = client();
		const answer = said(socket);
		for (const piece of ["GET /w", "s/x HT", "TP/1.1\r\n\r\n"]) {
			socket.write(piece);
			await Bun.sleep(0);
		}
		socket.end();
		expect(await answer).toBe("streams:GET /ws/x HTTP/1.1\r\n\r\n");
	});

	test("each request of a connection goes where it belongs, with its body", async () => {
		const socket = client();
		let text = "";
		socket.on("data", (bytes) => {
			text += bytes.toString("latin1");
		});
		const heard = async (part: string) => {
			while (!text.includes(part)) await new Promise((resolve) => socket.once("data", resolve));
			text = "";
		};
		const body = "GET /ws HTTP/1.1\r\n\r\n";
		socket.write(`POST /a HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
		await heard(body);
		expect(edges.flatMap((edge) => edge.taken)).toHaveLength(1);
		socket.write("GET /stream HTTP/1.1\r\n\r\n");
		await heard("streams:");
		socket.write("GET /b HTTP/1.1\r\n\r\n");
		await heard("edge");
		socket.write("GET /c HTTP/1.1\r\n\r\n");
		await heard("/c");
		expect(edges.flatMap((edge) => edge.taken)).toHaveLength(2);
		expect(streams.flatMap((one) => one.taken)).toHaveLength(1);
		socket.destroy();
	});

	test("what has become a WebSocket is never looked into again", async () => {
		for (const backend of streams) backend.says = "HTTP/1.1 101 Switching\r\n\r\n";
		const socket = client();
		let text = "";
		socket.on("data", (bytes) => {
			text += bytes.toString("latin1");
		});
		const heard = async (part: string) => {
			while (!text.includes(part)) await new Promise((resolve) => socket.once("data", resolve));
		};
		socket.write("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
		await heard("Upgrade");
		socket.write("GET /api HTTP/1.1\r\n\r\n");
		await heard("/api");
		expect(edges.flatMap((edge) => edge.taken)).toEqual([]);
		socket.destroy();
	});

	test("one that never reads stops the other from being read: nothing piles up here", async () => {
		const socket = client();
		socket.pause();
		socket.write("GET / HTTP/1.1\r\n\r\n");
		const piece = Buffer.alloc(1 << 20, "x");
		let sent = 0;
		// The kernel's buffers and the balancer's own bound take some megabytes of 512.
		while (sent < 512 && (socket.write(piece) || (await drained(socket)))) sent += 1;
		expect(sent).toBeLessThan(100);
		socket.destroy();
	});

	test("an end on either side ends the other", async () => {
		const socket = client();
		socket.write("GET / HTTP/1.1\r\n\r\n");
		await new Promise((resolve) => socket.once("data", resolve));
		const [taken] = edges.flatMap((edge) => edge.taken);
		const closed = new Promise((resolve) => taken?.once("close", resolve));
		socket.destroy();
		await closed;
		const other = client();
		other.write("GET / HTTP/1.1\r\n\r\n");
		await new Promise((resolve) => other.once("data", resolve));
		const ended = new Promise((resolve) => other.once("end", resolve));
		for (const edge of edges) for (const open of edge.taken) open.destroy();
		await ended;
		other.end();
	});

	test("a port that is taken is an error", async () => {
		const { port } = balancer;
		const again = Balancer.listen({ host: LOOPBACK, port, backends: () => [] });
		await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
	});
});

/** True when it takes more again; false when it still does not after a while. */
function drained(socket: Socket): Promise<boolean> {
	return new Promise((resolve) => {
		const late = setTimeout(() => resolve(false), 300);
		socket.once("drain", () => {
			clearTimeout(late);
			resolve(true);
		});
	});
}
