import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { isAlive } from "../db/data-dir/process-alive.ts";
import { commandLine } from "../db/ledger/embedded/server-process.ts";

async function check(step: string, environment: Readonly<Record<string, string>> = {}) {
	const child = Bun.spawn([process.execPath, "scripts/check.ts", step], {
		env: { ...process.env, ...environment },
		stdout: "pipe",
		stderr: "pipe",
	});
	const said = await new Response(child.stdout).text();
	const complained = await new Response(child.stderr).text();
	return { code: await child.exited, said, complained };
}

test("a step that does not exist is no check that passed", async () => {
	const { code, said, complained } = await check("formt");
	expect(code).toBe(64);
	expect(said).not.toContain("passed");
	expect(complained).toStartWith("formt: no step of the check; there are: format layers types");
});

test.each(["servers", "e2e-stack-bun", "e2e-stack-deno"])(
	"%s is left out where there are no tools for it, and in CI has failed",
	async (step) => {
		const bare = { PATH: "/no/such/folder" };
		const needs = "it needs java, javac, mvn, go on the PATH";
		for (const CI of ["", "false"]) {
			const { code, said } = await check(step, { ...bare, CI });
			expect([code, said]).toEqual([0, expect.stringContaining(`left out: ${needs}`)]);
		}
		for (const CI of ["true", "1"]) {
			const { code, said } = await check(step, { ...bare, CI });
			expect([code, said]).toEqual([1, expect.stringContaining(`leaves nothing out: ${needs}`)]);
			expect(said).toEndWith("0 passed, 1 failed\n");
		}
	},
);

test("what CI runs says that it is CI", () => {
	expect(readFileSync(".ci/run", "utf8")).toContain("\nexport CI=true\n");
});

test.if(process.platform === "linux")(
	"killed in the midst of its tests, it leaves none running",
	async () => {
		const child = Bun.spawn([process.execPath, "scripts/check.ts", "unit"], {
			stdout: "ignore",
			stderr: "ignore",
		});
		const file = `/proc/${child.pid}/task/${child.pid}/children`;
		let tests = 0;
		while (!commandLine(tests).startsWith(process.execPath)) {
			await Bun.sleep(5);
			tests = Number(readFileSync(file, "utf8").trim());
		}
		child.kill("SIGKILL");
		await child.exited;
		while (isAlive(tests)) await Bun.sleep(5);
	},
);
