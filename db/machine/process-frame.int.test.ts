import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { endsWithUs } from "../../infra/local/ends-with-us.ts";
import { freePort } from "../../infra/local/free-port.ts";
import { AWS_KEYS } from "../ledger/testing/aws-keys.ts";
import { startTlsServer, type TlsServer } from "../ledger/testing/tls-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const folder = temporaryFolder();

type Line = Record<string, unknown> & { readonly message: string };

/** A program of ./testing, running; what it said is read line by line. */
function started(environment: Record<string, string>, program = "frame-program.ts", words = "") {
	const file = join(import.meta.dir, "testing", program);
	const command = [process.execPath, file, ...words.split(" ").filter(Boolean)];
	const child = Bun.spawn([...endsWithUs("KILL"), ...command], {
		env: { PATH: process.env["PATH"] ?? "", TOKEN: "seen-by-nobody", ...environment },
		stderr: "pipe",
	});
	const lines: Line[] = [];
	let text = "";
	const watchers: (() => void)[] = [];
	const reading = (async () => {
		const decoder = new TextDecoder();
		for await (const chunk of child.stdout) {
			text += decoder.decode(chunk);
			const whole = text.split("\n").slice(lines.length, -1);
			if (environment["DOES"] !== undefined) lines.push(...whole.map((l) => JSON.parse(l)));
			for (const look of watchers) look();
		}
	})();
	return {
		child,
		lines,
		/** The first line with this message. */
		said: (message: string) =>
			new Promise<Line>((resolve) => {
				const look = (): void => {
					const found = lines.find((line) => line.message === message);
					if (found !== undefined) resolve(found);
				};
				watchers.push(look);
				look();
			}),
		async ended() {
			const complained = await new Response(child.stderr).text();
			await reading;
			return { code: await child.exited, text, complained };
		},
	};
}

async function ask(starting: Line, path: string) {
	const response = await fetch(`http://127.0.0.1:${starting["healthPort"]}${path}`);
	return { status: response.status, text: await response.text() };
}

test("it says how it is, and drains in the order of the reverse, whatever fails", async () => {
	const program = started({ DOES: "runs" });
	const starting = await program.said("starting");
	expect(starting["process"]).toBe("tried");
	await program.said("ready");
	expect(await ask(starting, "/health/live")).toEqual({ status: 200, text: '{"status":"live"}' });
	expect(await ask(starting, "/health/ready")).toEqual({ status: 200, text: '{"status":"ready"}' });
	expect(await ask(starting, "/metrics")).toEqual({
		status: 200,
		text: '# TYPE tried_work gauge\ntried_work{of="0"} 7\ntried_work{of="1"} 7\n# TYPE tried_ready gauge\ntried_ready 1\n',
	});
	expect((await ask(starting, "/else")).status).toBe(404);
	program.child.kill("SIGTERM");
	const { code, text } = await program.ended();
	expect(code).toBe(0);
	expect(program.lines.map(({ message }) => message)).toEqual([
		...["starting", "ready", "draining", "last begun, first ended", "a part did not drain"],
		...["first begun, last ended", "drained"],
	]);
	expect((await program.said("last begun, first ended"))["isReady"]).toBe(false);
	expect(text).not.toContain("seen-by-nobody");
});

test("one that stands by is ready; one that waits for a server is not", async () => {
	const standby = started({ DOES: "stands by" });
	const starting = await standby.said("starting");
	await standby.said("standby");
	expect(await ask(starting, "/health/ready")).toEqual({
		status: 200,
		text: '{"status":"standby","work":"none"}',
	});
	standby.child.kill("SIGINT");
	expect((await standby.ended()).code).toBe(0);

	const there = join(folder, "there");
	const waiting = started({ DOES: "waits", THERE: there });
	const begun = await waiting.said("starting");
	expect(await waiting.said("waits")).toMatchObject({ what: "Kafka", level: "warn" });
	expect((await ask(begun, "/health/ready")).status).toBe(503);
	writeFileSync(there, "");
	await waiting.said("ready");
	waiting.child.kill("SIGTERM");
	await waiting.ended();
	expect(waiting.lines.filter(({ message }) => message === "waits")).toHaveLength(1);
});

test.each([
	["breaks", 70, "fatal"],
	["throws", 70, "fatal"],
	["fails", 69, "fatal"],
	["is followed", 75, "another process has taken over"],
])("one that %s ends by itself with %i", async (does, expected, says) => {
	const program = started({ DOES: does });
	const { code } = await program.ended();
	expect(code).toBe(expected);
	const last = program.lines.at(-1);
	expect(last?.message).toBe(says);
	// The drain is for those who can go on: nothing is answered or written any more.
	expect(program.lines.map(({ message }) => message)).not.toContain("first begun, last ended");
});

test("a PostgreSQL that hangs fails who asks it, and ends no process", async () => {
	// AuthenticationOk and ReadyForQuery: as much as a server says before it is asked anything.
	const welcome = Buffer.from("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", "latin1");
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		socket.once("data", () => socket.write(welcome));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const hangs = { POSTGRES_HOST: "127.0.0.1", POSTGRES_PORT: `${port}` };
	const asks = { DOES: "asks", CALL_MS: "300", ...hangs };
	const program = started(asks, "asks-postgres.ts");
	await Promise.race([program.said("ready"), program.child.exited]);
	program.child.kill("SIGTERM");
	expect((await program.ended()).code).toBe(0);
	const asked = program.lines.filter(({ message }) => message === "asked");
	expect(asked.map((line) => line["why"])).toEqual(
		Array.from({ length: 9 }, () => "LedgerUnavailable: no answer"),
	);
	// Each time anew: whoever hangs is left alone.
	expect(sockets.size).toBeGreaterThanOrEqual(6);
	for (const socket of sockets) socket.destroy();
	server.close();
});

test("a token of IAM is in no line, whatever becomes of the connect that it is for", async () => {
	const server = await startTlsServer();
	try {
		const { port } = server.remote;
		// Where it is nobody's password; where nobody listens.
		await neverSaysToken(server, port, "password authentication failed");
		await neverSaysToken(server, await freePort(), "LedgerUnavailable: ");
	} finally {
		await server.close();
	}
}, 60_000);

async function neverSaysToken(server: TlsServer, port: number, why: string): Promise<void> {
	const { host, user, tls } = server.remote;
	const byToken = {
		...{ DOES: "asks", POSTGRES_IAM: "1", POSTGRES_TLS: "1", POSTGRES_CA: tls.ca, ...AWS_KEYS },
		...{ POSTGRES_HOST: host, POSTGRES_PORT: `${port}`, POSTGRES_USER: user },
		AWS_REGION: "eu-central-1",
	};
	const program = started(byToken, "asks-postgres.ts");
	await Promise.race([program.said("ready"), program.child.exited]);
	program.child.kill("SIGTERM");
	const { code, text, complained } = await program.ended();
	expect(code).toBe(0);
	const asked = program.lines.filter(({ message }) => message === "asked");
	expect(asked).toHaveLength(9);
	for (const line of asked) expect(line["why"]).toContain(why);
	for (const secret of ["X-Amz-", "Action=connect", ...Object.values(AWS_KEYS)]) {
		expect([secret, (text + complained).includes(secret)]).toEqual([secret, false]);
	}
}

test("a drain that hangs is cut off", async () => {
	const program = started({ DOES: "hangs", DRAIN_MS: "100" });
	await program.said("ready");
	program.child.kill("SIGTERM");
	expect((await program.ended()).code).toBe(1);
	expect(program.lines.at(-1)?.message).toBe("not drained in time");
});

test("a port that is taken, or an address that is foreign, is named by its setting", async () => {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const taken = started({ DOES: "runs", HEALTH_PORT: `${port}` });
	expect((await taken.ended()).code).toBe(69);
	expect(taken.lines.at(-1)?.["error"]).toBe(
		`CannotStart: HEALTH_PORT=${port} is taken on 127.0.0.1: set it to another, 0 for any`,
	);
	const foreign = started({ DOES: "runs", HEALTH_HOST: "192.0.2.1" });
	expect((await foreign.ended()).code).toBe(64);
	expect(foreign.lines.at(-1)?.["error"]).toContain("HEALTH_HOST=192.0.2.1: must be an address");
	server.close();
});

test("wrong settings are named, a secret is not shown, and --help shows all", async () => {
	const wrong = await started({ TOKEN: "", HEALTH_PORT: "x", DRAIN_MS: "1" }).ended();
	expect(wrong.code).toBe(64);
	expect(wrong.complained).toContain("TOKEN must be given\nHEALTH_PORT=x: must be");
	expect(wrong.complained).toContain("DRAIN_MS=1: must be");
	expect((await started({}, undefined, "--else").ended()).code).toBe(64);
	const help = await started({}, undefined, "--help").ended();
	expect(help.code).toBe(0);
	for (const name of ["HEALTH_PORT", "LOG_LEVEL", "LOG_ONE_IN", "DRAIN_MS", "DOES", "TOKEN"]) {
		expect(help.text).toContain(`  ${name} `);
	}
	expect(help.text).not.toContain("seen-by-nobody");
});
