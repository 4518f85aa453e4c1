/**
 * `bun run bench <what>`: each benchmark is its own program with its own options; without one, a list.
 * They are loaded when asked for, so that what one needs does not weigh on another.
 */
import { refuseWords, UsageError } from "../db/machine/usage.ts";

interface Benchmark {
	readonly USAGE: string;
	/** @throws UsageError, or an error of `parseArgs`, when its words make no sense */
	main(args: string[]): Promise<void>;
}

const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
	engine: () => import("./engine/main.ts"),
	core: () => import("./core/main.ts"),
	api: () => import("./api/main.ts"),
	edge: () => import("./edge/main.ts"),
	streams: () => import("./streams/main.ts"),
	stack: () => import("./stack/main.ts"),
	link: () => import("./link/main.ts"),
	kills: () => import("./kills/main.ts"),
	generate: () => import("./generate.ts"),
};
const USAGE = `bun run bench <${Object.keys(BENCHMARKS).join(" | ")}> [options]

  --help after any of them tells its options`;

async function main([name = "", ...args]: readonly string[]): Promise<void> {
	if (name === "--help") return console.log(USAGE);
	const load = BENCHMARKS[name];
	if (load === undefined) {
		return refuseWords(new UsageError(`there is no benchmark "${name}"`), USAGE);
	}
	const benchmark = await load();
	if (args.includes("--help")) return console.log(benchmark.USAGE);
	try {
		await benchmark.main(args);
	} catch (error) {
		refuseWords(error, benchmark.USAGE);
	}
}

await main(process.argv.slice(2));
