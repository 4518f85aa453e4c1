import type { ProcessFrame } from "../../../db/machine/process-frame.ts";
import type { Leases } from "../../../schemas/ports/leases.ts";
import { metricText } from "../../../schemas/prometheus-text.ts";
import { Superseded } from "../../protocol/take-over.ts";
import { HeldLease } from "./held-lease.ts";

/** A worker of a shard, of a partition, or of all. */
export interface Worker {
	/** Resolves when it does its work. */
	start(): Promise<void>;
	/** Drains: what it took is done and written when it resolves. */
	stop(): Promise<void>;
	/** Prometheus lines. */
	metrics(): string;
}

/** What is particular about a work. */
export interface TurnOptions {
	/** True where the work itself tells who may do it: there a lost lease alone stops nobody. */
	readonly mayLose?: boolean;
	/** Asks what `start` would, and changes nothing: done once, while another does the work. */
	rehearse?(): Promise<void>;
}

interface Turn {
	readonly lease: HeldLease;
	readonly name: string;
	worker: Worker | null;
	isRunning: boolean;
}

/** What of a frame the turns need. */
export type TurnsFrame = Pick<
	ProcessFrame,
	"name" | "clock" | "scheduler" | "logger" | "random" | "become" | "fatal" | "succeeded"
>;

/**
 * The works of this process that only one process may do at a time: each stands by until it has its
 * lease, and then begins. Whoever is succeeded ends the whole process: started again, it stands by.
 */
export class Turns {
	private readonly frame: TurnsFrame;
	private readonly leases: Leases;
	private readonly holder: string;
	private readonly turns: Turn[] = [];
	private isStopping = false;

	constructor(frame: TurnsFrame, leases: Leases) {
		this.frame = frame;
		this.leases = leases;
		this.holder = `${frame.name} ${frame.random.bytes(8).toHex()}`;
	}

	/**
	 * @param name the lease's
	 * @param begin makes the worker when its turn has come
	 */
	add(name: string, begin: () => Worker, options: TurnOptions = {}): void {
		const { leases, holder } = this;
		const { clock, scheduler, logger } = this.frame;
		const turn: Turn = {
			name,
			worker: null,
			isRunning: false,
			lease: new HeldLease({
				...{ leases, name, holder, clock, scheduler, logger },
				onStandby: () => void this.rehearse(name, options),
				onTaken: () => void this.begin(turn, begin()),
				onLost: () => {
					if (options.mayLose) logger.warn("the lease is another's", { lease: name });
					else this.frame.succeeded(`the lease ${name} is another's`);
				},
			}),
		};
		this.turns.push(turn);
	}

	/** Stands by for all that was added. */
	start(): void {
		this.tell();
		for (const { lease } of this.turns) lease.start();
	}

	/** Every worker drains, and its lease is free at once. */
	async stop(): Promise<void> {
		this.isStopping = true;
		await Promise.all(
			this.turns.map(async ({ worker, lease }) => {
				await worker?.stop();
				await lease.release();
			}),
		);
		await this.leases.close();
	}

	/** For a worker's `onFatal`: being superseded is no fault. */
	readonly onFatal = (error: unknown): void => {
		if (error instanceof Superseded) this.frame.succeeded(error.message);
		else this.frame.fatal(error);
	};

	/** Prometheus lines. */
	metrics(): string {
		const held = metricText(
			"castle_lease_held",
			"1: this process does the work; 0: it stands by.",
			this.turns.map(({ name, lease }) => [`lease="${name}"`, lease.isHeld() ? 1 : 0]),
		);
		return held + this.turns.map(({ worker }) => worker?.metrics() ?? "").join("");
	}

	private async rehearse(name: string, options: TurnOptions): Promise<void> {
		const { logger } = this.frame;
		try {
			await options.rehearse?.();
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			logger.error("a take-over would fail", { lease: name, why });
		}
	}

	private async begin(turn: Turn, worker: Worker): Promise<void> {
		turn.worker = worker;
		this.tell();
		try {
			await worker.start();
		} catch (error) {
			if (!this.isStopping) this.onFatal(error);
			return;
		}
		turn.isRunning = true;
		this.tell();
	}

	private tell(): void {
		const begun = this.turns.filter(({ worker }) => worker !== null);
		if (begun.length === 0) this.frame.become("standby");
		else this.frame.become(begun.every(({ isRunning }) => isRunning) ? "ready" : "starting");
	}
}
