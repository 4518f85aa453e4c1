/** What a process that is killed had started: nothing of it is left. */
import { afterAll, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../../db/data-dir/process-alive.ts";
import { commandLine } from "../../db/ledger/embedded/server-process.ts";

const folder = mkdtempSync(join(tmpdir(), "castle-ends-with-us-"));
afterAll(() => rmSync(folder, { recursive: true }));

const STARTS_A_SERVER = `
	const { begin } = await import(process.argv[1]);
	const { server, answers } = begin({
		name: "sleeps", command: ["sleep", "600"], folder: process.argv[2], port: 0,
		answers: async () => true,
		niceness: 5,
	});
	await answers;
	console.log(server.pid);
	setInterval(() => {}, 1_000);
`;

test.if(process.platform === "linux")("a server ends with who started it, killed too", async () => {
	const module = join(import.meta.dir, "local-server.ts");
	const child = Bun.spawn([process.execPath, "-e", STARTS_A_SERVER, module, folder], {
		stdout: "pipe",
		stderr: "inherit",
	});
	const { value } = await child.stdout.getReader().read();
	const pid = Number(new TextDecoder().decode(value));
	// Until it is itself, nothing has been asked of the kernel yet.
	while (commandLine(pid) !== "sleep 600") await Bun.sleep(1);
	child.kill("SIGKILL");
	await child.exited;
	while (isAlive(pid)) await Bun.sleep(5);
});
