import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** How much of a failed tool's words an error repeats, characters. */
const LAST_WORDS = 1_500;

/** The path of a program, or null where there is none. */
export function programOnPath(name: string): string | null {
	const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
	return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/**
 * Runs a tool to its end.
 *
 * @returns what it printed, both streams
 * @throws Error with the end of what it printed, when it cannot be run or fails
 */
export function runTool(
	command: readonly [string, ...string[]],
	options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
	const [program, ...words] = command;
	const child = spawn(program, words, {
		...(options.cwd === undefined ? {} : { cwd: options.cwd }),
		env: { ...process.env, ...options.env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let output = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.on("data", (chunk) => {
			output += `${chunk}`;
		});
	}
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (code, signal) => {
			if (code === 0) return resolve(output);
			const said = output.trim().slice(-LAST_WORDS);
			reject(new Error(`${program} ended with ${code ?? signal}: ${said}`));
		});
	});
}
