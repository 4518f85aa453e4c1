import { loadavg } from "node:os";
import { type Generator, type LoadResult, USUAL_MIX } from "../api/generator.ts";
import { type Heard, Listener } from "../streams/listener.ts";
import type { BenchStack } from "./bench-stack.ts";
import { secondsOf, usedBetween } from "./hops.ts";

const SYMBOLS = ["btcusdt", "ethusdt", "ethbtc"];

/** One way to drive the exchange. */
export interface Stage {
	readonly connections: number;
	/** Orders per second; 0: closed loop. */
	readonly rate: number;
	readonly seconds: number;
	readonly warmupSeconds: number;
	/** WebSocket clients on @depth@100ms of every symbol. */
	readonly listeners: number;
	readonly seed: number;
}

export interface StageResult {
	readonly stage: Stage;
	readonly load: LoadResult;
	/** Null without listeners. */
	readonly heard: Heard | null;
	/** Cores used, by process. */
	readonly cores: ReadonlyMap<string, number>;
	readonly loadAverage: number;
}

/** Drives the stack for the stage's time. */
export async function runStage(
	stage: Stage,
	stack: BenchStack,
	generator: Generator,
	say: (what: string) => void,
): Promise<StageResult> {
	const listener = stage.listeners > 0 ? new Listener() : null;
	try {
		await listener?.connect({
			hostPort: stack.streams,
			path: `/stream?streams=${SYMBOLS.map((symbol) => `${symbol}@depth@100ms`).join("/")}`,
			...{ clients: stage.listeners, slowClients: 0, seconds: stage.seconds },
		});
		return await drive(stage, stack, generator, listener, say);
	} finally {
		listener?.dispose();
	}
}

async function drive(
	stage: Stage,
	stack: BenchStack,
	generator: Generator,
	listener: Listener | null,
	say: (what: string) => void,
): Promise<StageResult> {
	const look = () => secondsOf(new Map([...stack.pids(), ["generator", generator.pid]]));
	let before = look();
	let after = before;
	let hearing: Promise<Heard> | null = null;
	say(`${stage.warmupSeconds} s to warm up, then ${stage.seconds} s`);
	const load = await generator.run(
		{ ...stage, mix: USUAL_MIX, hostPort: stack.edge, usersFile: stack.usersFile },
		() => {
			before = look();
			hearing = listener?.listen() ?? null;
		},
		() => {
			after = look();
		},
	);
	return {
		...{ stage, load, loadAverage: loadavg()[0] ?? 0 },
		heard: await hearing,
		cores: usedBetween(before, after, load.seconds),
	};
}
