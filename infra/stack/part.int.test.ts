import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, LOOPBACK } from "../local/free-port.ts";
import { begin } from "../local/local-server.ts";
import { Part, type PartState } from "./part.ts";

/** A process that is slower stands still: as long as a busy machine does not make one wait. */
const ANSWER_WITHIN_MS = 1_500;

/** A process as small as can be: what it says of itself stands in a file. */
const PROGRAM = `
	const { readFileSync } = await import("node:fs");
	const [port, file] = process.argv.slice(2);
	Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response(readFileSync(file)) });
	process.on("SIGTERM", () => process.exit(0));
`;

describe("a part of a stack", () => {
	const folder = mkdtempSync(join(tmpdir(), "castle-part-"));
	const program = join(folder, "program.ts");
	const word = join(folder, "word");
	writeFileSync(program, PROGRAM);
	const parts: Part[] = [];
	let heard: [PartState, string][] = [];

	afterAll(() => rmSync(folder, { recursive: true }));
	afterEach(async () => {
		for (const part of parts.splice(0)) await part.stop();
		heard = [];
	});

	async function partOf(words?: readonly string[]): Promise<Part> {
		const port = await freePort();
		writeFileSync(word, "ready");
		const state = async () => {
			const response = await fetch(`http://${LOOPBACK}:${port}/`, {
				signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
			});
			return (await response.text()) as PartState;
		};
		const part = new Part(
			{
				...{ name: "small", port },
				begin: async () =>
					begin({
						...{ name: "small", folder, port },
						command: [process.execPath, ...(words ?? [program, `${port}`, word])],
						answers: async () => (await state()) !== "starting",
					}),
				look: state,
			},
			(one, why) => heard.push([one.state, why]),
		);
		parts.push(part);
		return part;
	}

	test("is started, told of, and stopped", async () => {
		const part = await partOf();
		part.start();
		await part.untilUp();
		expect(part.pid).toBeGreaterThan(0);
		expect(part.readyAfterMs).toBeGreaterThan(0);
		const { pid } = part;
		await part.stop();
		expect(heard.map(([state]) => state)).toEqual(["starting", "ready", "stopping", "stopped"]);
		expect(() => process.kill(pid, 0)).toThrow();
	});

	test("killed, it is started again, until it is stopped", async () => {
		const part = await partOf();
		part.start();
		await part.untilUp();
		const { pid } = part;
		part.kill();
		await part.until(() => part.state === "ended");
		expect(heard.at(-1)).toEqual(["ended", "SIGKILL: "]);
		await part.untilUp();
		expect(part.pid).not.toBe(pid);
		await part.stop();
		part.kill();
		expect([part.state, part.pid]).toEqual(["stopped", 0]);
	});

	test("another state is heard of, and one that does not answer", async () => {
		const part = await partOf();
		part.start();
		await part.untilUp();
		writeFileSync(word, "standby");
		await part.until(() => part.state === "standby");
		part.pause();
		expect(part.state).toBe("paused");
		part.resume();
		await part.until(() => part.state === "standby");
		process.kill(part.pid, "SIGSTOP");
		await part.until(() => part.state === "silent");
		expect(part.isUp()).toBe(false);
		// One that stands still is stopped all the same.
		await part.stop();
		expect(part.state).toBe("stopped");
	});

	test("one that cannot start is tried again, with its last words told", async () => {
		const part = await partOf(["-e", "console.log('no such luck'); process.exit(3)"]);
		part.start();
		const failures = () => heard.filter(([state]) => state === "ended");
		await part.until(() => failures().length >= 2);
		expect(failures()[0]).toEqual(["ended", "code 3: no such luck"]);
		await part.stop();
		expect(part.state).toBe("stopped");
	});

	test("stopped while it starts, it does not run on", async () => {
		const part = await partOf();
		writeFileSync(word, "starting");
		part.start();
		await part.until(() => part.pid > 0);
		const { pid } = part;
		await part.stop();
		expect(part.state).toBe("stopped");
		expect(() => process.kill(pid, 0)).toThrow();
	});
});
