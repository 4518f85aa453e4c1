/**
 * `bun run bench <what>`: each benchmark is its own program with its own options; without one, a list.
 * They are loaded when asked for, so that what one needs does not weigh on another.
 */
const BENCHMARKS: Readonly<Record<string, () => Promise<{ main(args: string[]): Promise<void> }>>> =
	{
		engine: () => import("./engine/main.ts"),
		core: () => import("./core/main.ts"),
		api: () => import("./api/main.ts"),
		edge: () => import("./edge/main.ts"),
		streams: () => import("./streams/main.ts"),
		stack: () => import("./stack/main.ts"),
		link: () => import("./link/main.ts"),
		generate: () => import("./generate.ts"),
	};

export {};

const [name = "", ...args] = process.argv.slice(2);
const load = BENCHMARKS[name];
if (load === undefined) {
	console.error(`usage: bun run bench <${Object.keys(BENCHMARKS).join(" | ")}> [options]`);
	process.exit(2);
}
const benchmark = await load();
await benchmark.main(args);
