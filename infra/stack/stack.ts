import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ENDPOINT_FILE } from "../../db/data-dir/operator-endpoint.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { LOOPBACK } from "../local/free-port.ts";
import { lastingPorts } from "../local/lasting-ports.ts";
import { runTool } from "../local/run-tool.ts";
import { type BackendAddress, Balancer } from "./balancer.ts";
import { BUN_ENVIRONMENT } from "./bun-environment.ts";
import { stackKeys } from "./keys.ts";
import { Part, type PartWatch } from "./part.ts";
import { processSpec } from "./process-spec.ts";
import {
	DRAIN_TURNS,
	gatewaysOf,
	type ProcessPlan,
	type ProcessPorts,
	planned,
	type StackSize,
} from "./processes.ts";
import { type ServersEnvironment, serverSpecs } from "./servers.ts";
import type { StackSettings } from "./settings.ts";

const STORES = resolve(import.meta.dirname, "../../db/stores/main.ts");
const FILE_POLL_MS = 25;
/** The server that begins empty at each start, and who writes what it holds. */
const KEEPS_NOTHING = "dynamodb";
const WRITES_IT_AGAIN = "order-log";
const TRY_AGAIN_MS = 1_000;
/** Processes there is one of, or one that stands by, and listeners that a process has at most. */
const OTHERS = 5;
const LISTENERS = 3;

export interface StackOptions {
	readonly settings: StackSettings;
	/** Settings of the processes that are not the stack's own pass through. */
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Told what is being done. */
	say(line: string): void;
	/** Told of each change of a server or process. */
	readonly told: PartWatch;
	readonly logger: Logger;
}

interface Process {
	readonly plan: ProcessPlan;
	readonly part: Part;
}

/**
 * The exchange as in a cluster, on this machine: real servers, the processes, and a balancer before them.
 * Whatever ends is started again. The caller holds the data folder's lock.
 */
export class Stack {
	private readonly options: StackOptions;
	private readonly serverParts: Part[] = [];
	private readonly processes: Process[] = [];
	private balancer: Balancer | null = null;
	private serverEnvironment: ServersEnvironment = {};
	private stopping = false;
	private mustFill = false;

	constructor(options: StackOptions) {
		this.options = options;
	}

	/** Resolves when clients can trade: everything answers. */
	async start(): Promise<void> {
		this.serverEnvironment = await this.startServers();
		if (this.stopping) return;
		const { environment } = this;
		await this.makeStores(environment);
		await this.startProcesses(environment);
		if (this.stopping) return;
		await this.openToClients();
		this.startStandbys();
	}

	/** "http://127.0.0.1:3000" */
	get url(): string {
		return `http://${this.options.settings.HOST}:${this.balancer?.port}`;
	}

	/** What its servers are found by, once it has started. */
	get servers(): ServersEnvironment {
		return this.serverEnvironment;
	}

	/** What all of its processes are told, once it has started. */
	get environment(): Record<string, string> {
		const { settings, environment } = this.options;
		const given = Object.entries(environment).filter(([, value]) => value !== undefined);
		return {
			...BUN_ENVIRONMENT,
			...(Object.fromEntries(given) as Record<string, string>),
			...this.serverEnvironment,
			...stackKeys(settings.DATA_DIR),
			VENUE: settings.VENUE,
			PARTITIONS: `${settings.PARTITIONS}`,
			ACCOUNT_SHARDS: `${settings.ACCOUNT_SHARDS}`,
		};
	}

	/** The processes, without the servers. */
	get processParts(): readonly Part[] {
		return this.processes.map(({ part }) => part);
	}

	/** Every server and process. */
	get parts(): readonly Part[] {
		return [...this.serverParts, ...this.processParts];
	}

	/** @throws RangeError when the stack has no part of this name */
	part(name: string): Part {
		const found = this.parts.find((part) => part.name === name);
		if (found === undefined) throw new RangeError(`the stack has no ${name}`);
		return found;
	}

	/** Drains, in the order in which orders flow, and ends everything. */
	async stop(): Promise<void> {
		this.stopping = true;
		this.balancer?.stopTaking();
		for (const turn of DRAIN_TURNS) {
			const ending = this.processes.filter(({ plan }) => plan.drains === turn);
			await Promise.all(ending.map(({ part }) => part.stop()));
		}
		this.balancer?.close();
		await Promise.all(this.serverParts.map((server) => server.stop()));
	}

	/** Ends everything at once, without draining. The log has what was answered. */
	kill(): void {
		for (const part of this.parts) part.kill();
	}

	private async startServers(): Promise<ServersEnvironment> {
		const { settings, say, logger } = this.options;
		if (settings.SERVERS !== null) return settings.SERVERS;
		const { specs, environment } = await serverSpecs(settings.DATA_DIR, say, logger);
		this.serverParts.push(...specs.map((spec) => new Part(spec, this.serverTold)));
		for (const server of this.serverParts) server.start();
		await this.untilReady(this.serverParts);
		return environment;
	}

	private readonly serverTold: PartWatch = (part, why) => {
		this.options.told(part, why);
		if (part.name !== KEEPS_NOTHING) return;
		if (part.state === "starting") this.mustFill = true;
		// At the first start nobody has written anything yet.
		if (part.state !== "ready" || !this.mustFill) return;
		this.mustFill = false;
		if (this.processes.length > 0) void this.fillAgain();
	};

	/** Ends the writer first: one that runs would go on where it was, and what is gone would be missing. */
	private async fillAgain(): Promise<void> {
		this.part(WRITES_IT_AGAIN).kill();
		while (!this.stopping) {
			try {
				return await this.makeStores(this.environment);
			} catch {
				// Another server is away too.
				await new Promise((pass) => setTimeout(pass, TRY_AGAIN_MS));
			}
		}
	}

	private async makeStores(environment: Record<string, string>): Promise<void> {
		const said = await runTool([process.execPath, STORES], { env: environment });
		const made = said.split("\n").filter((line) => line.startsWith("created")).length;
		if (made > 0) this.options.say(`${made} topics, tables, buckets and databases created`);
	}

	private async startProcesses(environment: Record<string, string>): Promise<void> {
		const { settings, told } = this.options;
		const size: StackSize = {
			partitions: settings.PARTITIONS,
			accountShards: settings.ACCOUNT_SHARDS,
			edges: settings.EDGES,
			streams: settings.STREAMS,
			standbys: settings.STANDBYS,
			edgeRuntime: settings.EDGE,
		};
		const ports = await chosenPorts(size);
		const plan = planned(size, ports, settings.DATA_DIR);
		const all = { ...environment, HOST: LOOPBACK, GATEWAYS: gatewaysOf(plan) };
		const folder = join(settings.DATA_DIR, "processes");
		for (const process of plan) {
			const spec = processSpec(process, ports.of(process.name, "health"), folder, all);
			this.processes.push({ plan: process, part: new Part(spec, told) });
		}
		const first = this.processes.filter(({ plan }) => plan.drains !== "standby");
		for (const { part } of first) part.start();
		await this.untilReady(first.map(({ part }) => part));
		await this.untilOperatorIsHeard();
	}

	private async untilReady(parts: readonly Part[]): Promise<void> {
		const isReady = (part: Part) => part.state === "ready" || this.stopping;
		await Promise.all(parts.map((part) => part.until(() => isReady(part))));
	}

	/** Not before the others have their leases: they are to stand by. */
	private startStandbys(): void {
		for (const { plan, part } of this.processes) if (plan.drains === "standby") part.start();
	}

	private async untilOperatorIsHeard(): Promise<void> {
		const file = join(this.options.settings.DATA_DIR, ENDPOINT_FILE);
		while (!existsSync(file) && !this.stopping) {
			await new Promise((pass) => setTimeout(pass, FILE_POLL_MS));
		}
	}

	private async openToClients(): Promise<void> {
		const { HOST, PORT } = this.options.settings;
		this.balancer = await Balancer.listen({
			...{ host: HOST, port: PORT },
			backends: (kind) => this.living(`${kind}-`),
		});
	}

	private living(prefix: string): BackendAddress[] {
		return this.processes
			.filter(({ part }) => part.name.startsWith(prefix) && part.state === "ready")
			.map(({ part }) => ({ host: LOOPBACK, port: part.port }));
	}
}

/** A port for every listener of every process: the same one each time it is asked for. */
async function chosenPorts(size: StackSize): Promise<ProcessPorts> {
	const processes = size.partitions + size.accountShards + size.edges + size.streams + OTHERS;
	const free = await lastingPorts(processes * LISTENERS);
	const chosen = new Map<string, number>();
	return {
		of(process, listener) {
			const key = `${process} ${listener}`;
			const port = chosen.get(key) ?? (free.pop() as number);
			chosen.set(key, port);
			return port;
		},
	};
}
