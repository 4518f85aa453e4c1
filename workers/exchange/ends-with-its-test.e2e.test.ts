/** The exchange of a test whose process is killed in the midst: nothing of it runs on. */
import { afterAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { processesOn } from "./testing/processes.ts";

const STARTS_IT = `
	const { RunningExchange } = await import(process.argv[1]);
	const exchange = new RunningExchange();
	await exchange.start();
	console.log(exchange.dataDir);
	setInterval(() => {}, 1_000);
`;

let dataDir = "";
afterAll(() => {
	if (dataDir === "") return;
	for (const pid of processesOn(dataDir)) process.kill(pid, "SIGKILL");
	rmSync(dataDir, { recursive: true, force: true });
});

test.if(process.platform === "linux")("kill -9 of who started it", async () => {
	const module = join(import.meta.dir, "testing/running-exchange.ts");
	const child = Bun.spawn([process.execPath, "-e", STARTS_IT, module], {
		stdout: "pipe",
		stderr: "inherit",
	});
	const { value } = await child.stdout.getReader().read();
	const said = new TextDecoder().decode(value).trim();
	expect(said).toContain("castle-e2e-");
	dataDir = said;
	expect(processesOn(dataDir)).not.toEqual([]);
	child.kill("SIGKILL");
	await child.exited;
	while (processesOn(dataDir).length > 0) await Bun.sleep(20);
});
