import { resolve } from "node:path";
import { LOOPBACK } from "../local/free-port.ts";
import { begin } from "../local/local-server.ts";
import type { PartSpec, PartState } from "./part.ts";
import type { ProcessPlan } from "./processes.ts";

const checkout = resolve(import.meta.dirname, "../..");
const LOOK_MS = 1_500;
const POLL_MS = 100;
/** Longer than a process gives its own drain. */
const STOP_MS = 15_000;

/**
 * How a process is begun, and asked for its state.
 *
 * @param environment of all processes
 */
export function processSpec(
	plan: ProcessPlan,
	healthPort: number,
	folder: string,
	environment: Readonly<Record<string, string>>,
): PartSpec {
	const { name, settings } = plan;
	return {
		name,
		port: Number(settings["PORT"] ?? healthPort),
		begin: async () =>
			begin({
				...{ name, command: commandOf(plan), folder, port: healthPort },
				env: { ...environment, ...settings, HEALTH_PORT: `${healthPort}` },
				answers: async () => (await healthOf(healthPort)).isReady,
				...{ pollMs: POLL_MS, stopMs: STOP_MS, niceness: plan.niceness ?? 0 },
			}),
		look: async () => (await healthOf(healthPort)).state,
	};
}

/** The edge under Deno may do what deno.json lists for it, here as in its container; no words between JSON. */
function commandOf({ runtime, program }: ProcessPlan): [string, ...string[]] {
	const file = resolve(checkout, program);
	if (runtime === "bun") return [process.execPath, file];
	// The program itself: what npm puts beside it is a script for Node.
	const deno = resolve(checkout, "node_modules/deno/deno");
	return [
		deno,
		"run",
		"--quiet",
		"--config",
		resolve(checkout, "deno.json"),
		"-P=edge",
		"--no-prompt",
		file,
	];
}

async function healthOf(port: number): Promise<{ isReady: boolean; state: PartState }> {
	const response = await fetch(`http://${LOOPBACK}:${port}/health/ready`, {
		signal: AbortSignal.timeout(LOOK_MS),
	});
	const { status } = (await response.json()) as { status: PartState };
	return { isReady: response.ok, state: status };
}
