import { readFileSync } from "node:fs";
import type { BegunServer, LocalServer } from "../local/local-server.ts";

/** What is known of a part: what it says of itself, or that it says nothing, or does not run. */
export type PartState =
	| "starting"
	| "ready"
	| "standby"
	| "silent"
	| "paused"
	| "ended"
	| "stopping"
	| "stopped";

export interface PartSpec {
	readonly name: string;
	/** Where it listens for whoever looks at it. */
	readonly port: number;
	/** Starts it; called again after it has ended. */
	begin(): Promise<BegunServer>;
	/** Its state, asked again and again; rejects when it does not answer. Absent: it runs or it does not. */
	look?(): Promise<PartState>;
}

/** Told of each change of a part, with why where that is not plain. */
export type PartWatch = (part: Part, why: string) => void;

const LOOK_EVERY_MS = 1_000;
/** How often at first: whoever stands by may have its turn at once. */
const LOOK_SOON_MS = 150;
const SOON_MS = 5_000;
/** One that ends soon after its start is given time, twice as much each time. */
const LASTED_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

/** A server or a process of the stack: started again when it ends, until it is stopped. */
export class Part {
	readonly name: string;
	readonly port: number;
	private readonly spec: PartSpec;
	private readonly told: PartWatch;
	private server: LocalServer | null = null;
	private current: PartState = "stopped";
	private isWanted = false;
	private startedAtMs = 0;
	private readyAtMs = 0;
	private pauseMs = 0;
	private looking: ReturnType<typeof setTimeout> | undefined;
	private again: ReturnType<typeof setTimeout> | undefined;
	private waiting: (() => void)[] = [];

	constructor(spec: PartSpec, told: PartWatch) {
		this.spec = spec;
		this.name = spec.name;
		this.port = spec.port;
		this.told = told;
	}

	get state(): PartState {
		return this.current;
	}

	/** 0 while none runs. */
	get pid(): number {
		return this.server?.isRunning() === true ? this.server.pid : 0;
	}

	/** From its last start until it answered. */
	get readyAfterMs(): number {
		return this.readyAtMs - this.startedAtMs;
	}

	/** What it wrote, over all its starts; null before the first. */
	get logFile(): string | null {
		return this.server?.logFile ?? null;
	}

	/** It answers, or stands by. */
	isUp(): boolean {
		return this.current === "ready" || this.current === "standby";
	}

	/** Starts it, and keeps it running. `untilUp` says when it answers. */
	start(): void {
		this.isWanted = true;
		this.pauseMs = 0;
		clearTimeout(this.again);
		if (this.pid === 0 && this.current !== "starting") void this.begin();
	}

	/** Resolves when it answers; at once when it does. */
	untilUp(): Promise<void> {
		return this.until(() => this.isUp());
	}

	/** Resolves when something holds that can change with this part's state only. */
	async until(holds: () => boolean): Promise<void> {
		while (!holds()) await new Promise<void>((resolve) => this.waiting.push(resolve));
	}

	/** SIGKILL: it is started again at once. */
	kill(): void {
		if (this.pid > 0) process.kill(this.pid, "SIGKILL");
	}

	/** SIGSTOP: it stands still until `resume`. */
	pause(): void {
		if (this.pid === 0) return;
		process.kill(this.pid, "SIGSTOP");
		this.become("paused");
	}

	resume(): void {
		if (this.pid === 0) return;
		process.kill(this.pid, "SIGCONT");
		this.become("silent");
		void this.look();
	}

	/** It drains and ends, and is not started again. */
	async stop(): Promise<void> {
		this.isWanted = false;
		clearTimeout(this.again);
		// A start that is under way ends first: only then is there something to stop.
		await this.until(() => this.server !== null || this.current !== "starting");
		clearTimeout(this.looking);
		if (this.server !== null && this.pid > 0) {
			this.become("stopping");
			await this.server.stop();
		}
		this.become("stopped");
	}

	private async begin(): Promise<void> {
		this.startedAtMs = performance.now();
		this.server = null;
		this.become("starting");
		try {
			const { server, answers } = await this.spec.begin();
			this.server = server;
			server.onEnd((how) => this.ended(server, how));
			this.wake();
			await answers;
			if (this.server !== server || !this.isWanted) return;
			this.readyAtMs = performance.now();
			await this.lookOn();
		} catch (error) {
			// One that ran and ended has said so already.
			if (this.server === null) this.failed(error);
			else if (this.server.isRunning()) await this.server.stop();
		}
	}

	private failed(error: unknown): void {
		this.become("ended", error instanceof Error ? error.message : String(error));
		this.startAgain();
	}

	private ended(server: LocalServer, how: string): void {
		if (this.server !== server) return;
		clearTimeout(this.looking);
		if (!this.isWanted) return;
		this.become("ended", `${how}: ${lastLineOf(server.logFile)}`);
		this.startAgain();
	}

	private startAgain(): void {
		if (!this.isWanted) return;
		const lastedMs = performance.now() - this.startedAtMs;
		const longer = Math.min(Math.max(FIRST_PAUSE_MS, this.pauseMs * 2), LONGEST_PAUSE_MS);
		this.pauseMs = lastedMs >= LASTED_MS ? 0 : longer;
		this.again = setTimeout(() => void this.begin(), this.pauseMs);
	}

	/** A look now, and the next one after it, until the process has ended. */
	private async lookOn(): Promise<void> {
		const { server } = this;
		await this.look();
		if (this.server !== server || server?.isRunning() !== true || !this.isWanted) return;
		const isNew = performance.now() - this.readyAtMs < SOON_MS;
		const pauseMs = isNew && this.current !== "ready" ? LOOK_SOON_MS : LOOK_EVERY_MS;
		this.looking = setTimeout(() => void this.lookOn(), pauseMs);
	}

	private async look(): Promise<void> {
		const { server, current } = this;
		const state = this.spec.look === undefined ? "ready" : await this.asked(this.spec.look);
		// Something happened while it was asked.
		if (this.server !== server || this.current !== current || !this.isWanted) return;
		if (current !== "paused") this.become(state);
	}

	private async asked(look: () => Promise<PartState>): Promise<PartState> {
		try {
			return await look();
		} catch {
			return "silent";
		}
	}

	private become(state: PartState, why = ""): void {
		if (this.current === state) return;
		this.current = state;
		this.told(this, why);
		this.wake();
	}

	private wake(): void {
		for (const resolve of this.waiting.splice(0)) resolve();
	}
}

/** What it said last; "" when nothing can be read. */
function lastLineOf(file: string): string {
	try {
		return readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "";
	} catch {
		return "";
	}
}
