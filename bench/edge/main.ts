import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { numberOf } from "../../db/machine/usage.ts";
import { Generator, USUAL_MIX } from "../api/generator.ts";
import { cpuSeconds } from "../api/process-cpu.ts";
import { linesOf } from "../lines-of.ts";

import { makeKeys } from "./load-keys.ts";

const HERE = resolve(import.meta.dir, "../..");

export const USAGE = `bun run bench edge: signed orders through the edge alone; accounts answer at once

  --against DIR     another checkout, measured in turn with this one; any number of times
  --rounds N        (3)   --seconds N  of each round (4)   --connections N  (128)
  --direct          call the fetch handler in its process instead of HTTP`;

const OPTIONS = {
	against: { type: "string", multiple: true, default: [] as string[] },
	rounds: { type: "string", default: "3" },
	seconds: { type: "string", default: "4" },
	connections: { type: "string", default: "128" },
	direct: { type: "boolean", default: false },
} as const;

interface Figure {
	readonly ordersPerSecond: number;
	/** Of the main thread, per order. */
	readonly micros: number;
}

/** `bun run bench edge` */
export async function main(args: string[]): Promise<void> {
	const { values } = parseArgs({ args, options: OPTIONS });
	const folder = mkdtempSync(join(tmpdir(), "castle-edge-"));
	const keysFile = join(folder, "keys.txt");
	writeFileSync(keysFile, makeKeys(1_000));
	const generator = new Generator();
	const rounds = numberOf(values.rounds);
	const connections = numberOf(values.connections);
	const seconds = numberOf(values.seconds);
	try {
		for (let round = 0; round < rounds; round++) {
			for (const checkout of [...values.against.map((dir) => resolve(dir)), HERE]) {
				const figure = values.direct
					? await direct(checkout, keysFile, folder, seconds)
					: await overHttp(checkout, keysFile, folder, generator, {
							connections,
							seconds,
						});
				const { micros, ordersPerSecond } = figure;
				console.log(
					`${checkout}  ${ordersPerSecond.toFixed(0)} orders/s  main thread ${micros.toFixed(2)} µs/order`,
				);
			}
		}
	} finally {
		generator.dispose();
		rmSync(folder, { recursive: true });
	}
}

async function overHttp(
	checkout: string,
	keysFile: string,
	folder: string,
	generator: Generator,
	load: { readonly connections: number; readonly seconds: number },
): Promise<Figure> {
	const program = join(checkout, "bench/edge/server.ts");
	const server = Bun.spawn([process.execPath, program, keysFile, folder], {
		...{ stdin: "ignore", stdout: "pipe", stderr: "inherit" },
	});
	try {
		const { value: url = "" } = await linesOf(server.stdout).next();
		const look = () => cpuSeconds(server.pid, generator.pid).main;
		let [before, after] = [0, 0];
		const result = await generator.run(
			{
				...{ ...load, rate: 0, warmupSeconds: 2, seed: 1, mix: USUAL_MIX },
				...{ hostPort: new URL(url).host, usersFile: keysFile },
			},
			() => {
				before = look();
			},
			() => {
				after = look();
			},
		);
		return {
			ordersPerSecond: result.done / result.seconds,
			micros: ((after - before) / result.done) * 1e6,
		};
	} finally {
		server.kill();
		await server.exited;
	}
}

async function direct(
	checkout: string,
	keysFile: string,
	folder: string,
	seconds: number,
): Promise<Figure> {
	const program = join(checkout, "bench/edge/direct.ts");
	const child = Bun.spawn([process.execPath, program, keysFile, folder, String(seconds)], {
		...{ stdin: "ignore", stdout: "pipe", stderr: "inherit" },
	});
	const { calls, microsPerCall } = (await new Response(child.stdout).json()) as {
		calls: number;
		microsPerCall: number;
	};
	return { ordersPerSecond: calls / seconds, micros: microsPerCall };
}
