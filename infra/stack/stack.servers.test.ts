/** `./castle stack` as a person uses it: once, twice at a time, killed, and ended by Ctrl-C. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "../local/ends-with-us.ts";

const folder = mkdtempSync(join(tmpdir(), "castle-stack-"));
const program = join(import.meta.dir, "main.ts");
const settings = { DATA_DIR: folder, PORT: "0", EDGES: "1", STREAMS: "1", STANDBYS: "0" };

/** A stack that runs, and what it has said. */
class Terminal {
	said = "";
	readonly child = Bun.spawn([...endsWithUs("KILL"), process.execPath, program], {
		env: { ...process.env, ...settings },
		stdout: "pipe",
		stderr: "pipe",
	});

	constructor() {
		for (const stream of [this.child.stdout, this.child.stderr]) void this.listen(stream);
	}

	/** What matches, as soon as it is said. */
	async until(meant: RegExp): Promise<RegExpExecArray> {
		for (;;) {
			const found = meant.exec(this.said);
			if (found !== null) return found;
			if (this.child.exitCode !== null) throw new Error(`it ended: ${this.said}`);
			await Bun.sleep(20);
		}
	}

	private async listen(stream: ReadableStream<Uint8Array>): Promise<void> {
		const decoder = new TextDecoder();
		for await (const chunk of stream) this.said += decoder.decode(chunk, { stream: true });
	}
}

/** Processes that stand in the stack's folder (Linux). */
function running(): number[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.filter((pid) => {
			try {
				return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
			} catch {
				return false;
			}
		})
		.map(Number);
}

afterAll(() => {
	for (const pid of running()) process.kill(pid, "SIGKILL");
	rmSync(folder, { recursive: true, force: true });
});

test("starts, says so twice, starts again what is killed, and leaves nothing", async () => {
	const first = new Terminal();
	const [, url] = await first.until(/ready {2}(http:\S+)/);
	expect((await fetch(`${url}/api/v3/exchangeInfo`)).status).toBe(200);

	const second = new Terminal();
	expect(await second.child.exited).toBe(69);
	expect(second.said).toContain(`in use by process ${first.child.pid}`);

	const [, pid] = await first.until(/order-log +ready +pid (\d+)/);
	first.said = "";
	process.kill(Number(pid), "SIGKILL");
	await first.until(/order-log +ended +SIGKILL/);
	const [, next] = await first.until(/order-log +ready +pid (\d+)/);
	expect(next).not.toBe(pid);

	// Killed itself, it leaves nothing running.
	expect(running().length).toBeGreaterThan(10);
	first.child.kill("SIGKILL");
	await first.child.exited;
	while (running().length > 0) await Bun.sleep(20);

	// Where it does leave something, the next one clears that away.
	const left = Bun.spawn(["sleep", "600"], { cwd: folder });
	const third = new Terminal();
	await third.until(/ended 1 processes that an earlier stack had left behind/);
	expect(await left.exited).toBe(137);
	await third.until(/ready {2}http/);

	third.child.kill("SIGINT");
	expect(await third.child.exited).toBe(0);
	expect(third.said).toMatch(/stopped\n$/);
	expect(running()).toEqual([]);
});
