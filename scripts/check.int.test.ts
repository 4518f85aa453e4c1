import { expect, test } from "bun:test";

test("a step that does not exist is no check that passed", async () => {
	const check = Bun.spawn([process.execPath, "scripts/check.ts", "formt"], {
		stdout: "pipe",
		stderr: "pipe",
	});
	const said = await new Response(check.stdout).text();
	const complained = await new Response(check.stderr).text();
	expect(await check.exited).toBe(64);
	expect(said).not.toContain("passed");
	expect(complained).toStartWith("formt: no step of the check; there are: format layers types");
});
