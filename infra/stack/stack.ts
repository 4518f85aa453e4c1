import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ENDPOINT_FILE } from "../../db/data-dir/operator-endpoint.ts";
import { listenFailure } from "../../db/machine/listen-failure.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { BUN_ENVIRONMENT } from "../bun-environment.ts";
import { LOOPBACK } from "../local/free-port.ts";
import { lastingPorts } from "../local/lasting-ports.ts";
import { runTool } from "../local/run-tool.ts";
import { type BackendAddress, Balancer } from "./balancer.ts";
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
import { type ServerSpecs, type ServersEnvironment, serverSpecs } from "./servers.ts";
import { checkServers, type StackSettings } from "./settings.ts";

const STORES = resolve(import.meta.dirname, "../../db/stores/main.ts");
const FILE_POLL_MS = 25;
/** The server that begins empty at each start, and who writes what it holds. */
const KEEPS_NOTHING = "dynamodb";
const WRITES_IT_AGAIN = "order-log";
const TRY_AGAIN_MS = 1_000;
/** Settings of the processes that do not pass through: they are found here, and each has its work. */
const ARRANGED_HERE = {
	...{ HOST: LOOPBACK, HEALTH_HOST: LOOPBACK, LINK_HOST: LOOPBACK },
	...{ PARTITIONS_OWNED: "", SHARDS: "" },
} as const;
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
	private isOpen = false;
	private serverEnvironment: ServersEnvironment = {};
	private stopping = false;
	private mustFill = false;

	constructor(options: StackOptions) {
		this.options = options;
	}

	/**
	 * Resolves when clients can trade: everything answers.
	 *
	 * @throws SettingsError for what is wrong with the servers' settings or HOST, before anything is started;
	 * CannotStart, then too, when the port is taken
	 */
	async start(): Promise<void> {
		this.balancer = await this.listen();
		await this.startServers();
		if (this.stopping) return;
		const { environment } = this;
		await this.makeStores(environment);
		await this.startProcesses(environment);
		if (this.stopping) return;
		this.isOpen = true;
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

	/** Whoever asks before all is there is told to come again. */
	private async listen(): Promise<Balancer> {
		const { HOST, PORT } = this.options.settings;
		try {
			return await Balancer.listen({
				...{ host: HOST, port: PORT },
				backends: (kind) => (this.isOpen ? this.living(`${kind}-`) : []),
			});
		} catch (error) {
			throw listenFailure({ prefix: "", hostname: HOST, port: PORT }, error);
		}
	}

	private async startServers(): Promise<void> {
		const { specs, environment } = await this.chosenServers();
		this.serverEnvironment = environment;
		checkServers(this.environment);
		this.serverParts.push(...specs.map((spec) => new Part(spec, this.serverTold)));
		for (const server of this.serverParts) server.start();
		await this.untilReady(this.serverParts);
	}

	/** Those that run already, or its own. */
	private async chosenServers(): Promise<ServerSpecs> {
		const { settings, say, logger } = this.options;
		if (settings.SERVERS !== null) return { specs: [], environment: settings.SERVERS };
		return serverSpecs(settings.DATA_DIR, say, logger);
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
		const all = { ...environment, ...ARRANGED_HERE, GATEWAYS: gatewaysOf(plan) };
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
