import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installCache, installedOnce } from "./install-cache.ts";
import { javaProgram } from "./java.ts";
import { runTool } from "./run-tool.ts";

const NAMES = ["CASTLE_CACHE", "XDG_CACHE_HOME", "PATH", "JAVA_HOME"] as const;
const before = NAMES.map((name) => [name, process.env[name]] as const);
let folder = "";

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "castle-cache-"));
	process.env["CASTLE_CACHE"] = folder;
});

afterEach(() => {
	for (const [name, value] of before) {
		if (value === undefined) delete process.env[name];
		else process.env[name] = value;
	}
	rmSync(folder, { recursive: true });
});

test("an install is done once, also by two at the same time", async () => {
	let installs = 0;
	const install = async (to: string) => {
		installs += 1;
		writeFileSync(join(to, "program"), "1");
	};
	const [one, two] = await Promise.all([
		installedOnce("tool-1", install),
		installedOnce("tool-1", install),
	]);
	expect([one, two]).toEqual([join(folder, "tool-1"), join(folder, "tool-1")]);
	const sofar = installs;
	await installedOnce("tool-1", install);
	expect(installs).toBe(sofar);
	expect(readdirSync(folder)).toEqual(["tool-1"]);
	expect(readdirSync(one)).toEqual(["program"]);
});

test("an install that fails leaves nothing, and is tried again", async () => {
	const fails = async (to: string) => {
		writeFileSync(join(to, "half"), "1");
		throw new Error("the line is cut");
	};
	await expect(installedOnce("tool-1", fails)).rejects.toThrow("the line is cut");
	expect(readdirSync(folder)).toEqual([]);
	await installedOnce("tool-1", async () => {});
	expect(readdirSync(folder)).toEqual(["tool-1"]);
});

test("lies outside the checkout: CASTLE_CACHE, else the user's cache", () => {
	expect(installCache()).toBe(folder);
	delete process.env["CASTLE_CACHE"];
	process.env["XDG_CACHE_HOME"] = "/somewhere";
	expect(installCache()).toBe("/somewhere/castle");
});

test("without Java it is said what to install", async () => {
	process.env["PATH"] = folder;
	delete process.env["JAVA_HOME"];
	await expect(javaProgram("java")).rejects.toThrow(/need a JDK.*install one/);
});

test("a tool that fails is quoted", async () => {
	await expect(runTool(["sh", "-c", "echo no such thing >&2; exit 3"])).rejects.toThrow(
		"sh ended with 3: no such thing",
	);
	await expect(runTool([join(folder, "missing")])).rejects.toThrow(/ENOENT/);
});
