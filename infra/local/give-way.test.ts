import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { giveWay } from "./give-way.ts";

test("a process gives way, and so does its session's group where Linux has one", async () => {
	const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
	const pid = child.pid as number;
	giveWay(pid, 7);
	const group = `/proc/${pid}/autogroup`;
	expect(getPriority(pid)).toBe(7);
	if (existsSync(group)) {
		// One in 100 ms may say so, unless he is root.
		while (!readFileSync(group, "utf8").includes("nice 7")) await Bun.sleep(20);
	}
	const ended = new Promise((resolve) => child.once("exit", resolve));
	child.kill();
	await ended;
});
