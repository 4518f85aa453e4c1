import { LOOPBACK } from "../local/free-port.ts";
import { AFTER_ALL, AFTER_ORDERS } from "../local/give-way.ts";

/** A process of the exchange, one container's worth. */
export interface ProcessPlan {
	readonly name: string;
	/** Its program, from the checkout. */
	readonly program: string;
	readonly runtime: "bun" | "deno";
	/** Of its own, beside what all have. */
	readonly settings: Readonly<Record<string, string>>;
	/** Who drains together: the first of these first. */
	readonly drains: DrainTurn;
	/** Others go first where processors are short: as `nice` counts; 0 when absent. */
	readonly niceness?: number;
}

/**
 * The order in which processes drain: who would take another's place goes first, then who takes questions,
 * then who answers them, last who matches what was taken.
 */
export const DRAIN_TURNS = ["standby", "clients", "accounts", "readers", "matching"] as const;
type DrainTurn = (typeof DRAIN_TURNS)[number];

/** Ports that are chosen before anything starts, so that everybody knows everybody's. */
export interface ProcessPorts {
	/** One for each of a process' listeners, by its name: health, and those of gateways. */
	of(process: string, listener: "health" | "clients" | "links"): number;
}

export interface StackSize {
	readonly partitions: number;
	readonly accountShards: number;
	readonly edges: number;
	readonly streams: number;
	/** A process that stands by for every shard, and one for every partition. */
	readonly standbys: boolean;
	readonly edgeRuntime: "bun" | "deno";
}

/** All processes of a stack. */
export function planned(size: StackSize, ports: ProcessPorts, dataDir: string): ProcessPlan[] {
	const bun = { runtime: "bun", settings: {} } as const;
	const each = <T>(count: number, make: (n: number) => T): T[] =>
		Array.from({ length: count }, (_, i) => make(i));
	const clients = (name: string) => ({
		PORT: `${ports.of(name, "clients")}`,
		LINK_PORT: `${ports.of(name, "links")}`,
	});
	const plan: ProcessPlan[] = [
		...each(size.partitions, (n) => ({
			...{ ...bun, name: `matching-${n}`, program: "workers/matching/main.ts" },
			...{ settings: { PARTITIONS_OWNED: `${n}` }, drains: "matching" as const },
		})),
		...each(size.accountShards, (n) => ({
			...{ ...bun, name: `accounts-${n + 1}`, program: "workers/accounts/main.ts" },
			...{ settings: { SHARDS: `${n + 1}` }, drains: "accounts" as const },
		})),
		{
			...{ ...bun, name: "market-data", program: "workers/market-data/main.ts" },
			...{ drains: "readers", niceness: AFTER_ORDERS },
		},
		{
			...{ ...bun, name: "order-log", program: "workers/order-log/main.ts" },
			...{ drains: "readers", niceness: AFTER_ALL },
		},
		{
			...{ ...bun, name: "venue", program: "workers/venue/main.ts", drains: "readers" },
			niceness: AFTER_ORDERS,
			settings: { LINK_PORT: `${ports.of("venue", "links")}`, DATA_DIR: dataDir },
		},
		...each(size.streams, (n) => `streams-${n + 1}`).map((name) => ({
			...{ ...bun, name, program: "workers/streams/main.ts" },
			...{ settings: clients(name), drains: "clients" as const, niceness: AFTER_ORDERS },
		})),
		...each(size.edges, (n) => `edge-${n + 1}`).map((name) => ({
			...{ name, program: `edge/main.${size.edgeRuntime}.ts`, runtime: size.edgeRuntime },
			...{ settings: clients(name), drains: "clients" as const },
		})),
	];
	if (size.standbys) {
		plan.push(
			{
				...{ ...bun, name: "accounts-standby", program: "workers/accounts/main.ts" },
				drains: "standby",
			},
			{
				...{ ...bun, name: "matching-standby", program: "workers/matching/main.ts" },
				drains: "standby",
			},
		);
	}
	return plan;
}

/** Processes that workers dial. */
export function gatewaysOf(plan: readonly ProcessPlan[]): string {
	return plan
		.flatMap(({ settings }) => settings["LINK_PORT"] ?? [])
		.map((port) => `${LOOPBACK}:${port}`)
		.join(",");
}
