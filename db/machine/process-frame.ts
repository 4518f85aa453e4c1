import { writeSync } from "node:fs";
import process from "node:process";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Random } from "../../schemas/ports/random.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { groupedByMetric } from "../../schemas/prometheus-text.ts";
import {
	oneOf,
	readSettings,
	SettingsError,
	type SettingsOf,
	type SettingsTable,
	setting,
	settingsHelp,
	textValue,
	whole,
} from "../../schemas/settings.ts";
import { isDriversOwn } from "../ledger/postgres-failure.ts";
import { CannotStart } from "./cannot-start.ts";
import { EXIT } from "./exit-codes.ts";
import { HealthListener, type ProcessState } from "./health-listener.ts";
import { JsonLogger } from "./json-logger.ts";
import { listenFailure } from "./listen-failure.ts";
import { systemRandom } from "./system-random.ts";
import { systemClock, systemScheduler } from "./system-time.ts";

/** Pause before a server that is away is tried again. */
const OPEN_AGAIN_MS = 250;

/** Settings that every process has. */
export const FRAME_SETTINGS = {
	HEALTH_HOST: setting("address of /health and /metrics", "127.0.0.1", textValue),
	HEALTH_PORT: setting("their port; 0 lets the system choose", "0", whole(0, 65_535)),
	LOG_LEVEL: setting(
		"info, warn, error or off; JSON lines on standard output",
		"info",
		oneOf("info", "warn", "error", "off"),
	),
	LOG_ONE_IN: setting(
		"one order in so many is traced, the same in every process; requests are sampled alike",
		"100",
		whole(1, 1e9),
	),
	DRAIN_MS: setting("longest drain, ms; then it ends all the same", "10000", whole(100, 600_000)),
} as const;

export type FrameSettings = SettingsOf<typeof FRAME_SETTINGS>;

/** What a process is given to start with, and tells while it runs. */
export interface ProcessFrame {
	readonly name: string;
	readonly logger: Logger;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly random: Random;
	/** Does its work, or stands by. */
	become(state: ProcessState): void;
	/** True while it does its work: from then until it drains. */
	isReady(): boolean;
	/** Adds Prometheus lines. */
	addMetrics(lines: () => string): void;
	/** Adds to what `/health/ready` says; {} while there is nothing to say. */
	addHealth(facts: () => Readonly<Record<string, string>>): void;
	/** Something to be ended at a drain: what was begun last ends first. */
	onDrain(end: () => Promise<void> | void): void;
	/** Waits for a server that is away: opens again until it answers. */
	untilThere<T>(what: string, open: () => Promise<T>): Promise<T>;
	/** It cannot go on: the process ends at once, with 70 where a rule does not hold. */
	fatal(error: unknown): void;
	/** Another has taken its place: the process ends at once, with 75. */
	succeeded(why: string): void;
}

/** A program of the exchange. */
export interface Program<T extends SettingsTable> {
	readonly name: string;
	/** One line for --help. */
	readonly says: string;
	readonly settings: T;
	/** Starts it. What it begins it names to `onDrain`, in that order. */
	start(settings: SettingsOf<T & typeof FRAME_SETTINGS>, frame: ProcessFrame): Promise<void>;
}

/** Runs a program to the end of its process. */
export async function runProcess<T extends SettingsTable>(program: Program<T>): Promise<void> {
	const table = { ...FRAME_SETTINGS, ...program.settings };
	const words = process.argv.slice(2);
	if (words.includes("--help")) {
		console.log(`${program.name}: ${program.says}\n\n${settingsHelp(table)}`);
		return;
	}
	let settings: SettingsOf<T & typeof FRAME_SETTINGS>;
	try {
		if (words.length > 0) throw new SettingsError(`${words.join(" ")}: there is --help only`);
		settings = readSettings(table, process.env) as typeof settings;
	} catch (error) {
		if (!(error instanceof SettingsError)) throw error;
		console.error(`${program.name}: these settings are wrong:\n${error.message}`);
		process.exit(EXIT.wrongUsage);
	}
	await new Running(program.name, settings as FrameSettings).run((frame) =>
		program.start(settings, frame),
	);
}

class Running implements ProcessFrame {
	readonly name: string;
	readonly logger: JsonLogger;
	readonly clock = systemClock;
	readonly scheduler = systemScheduler;
	readonly random = systemRandom;
	private readonly settings: FrameSettings;
	private readonly metrics: (() => string)[] = [];
	private readonly health: (() => Readonly<Record<string, string>>)[] = [];
	private readonly ends: (() => Promise<void> | void)[] = [];
	private state: ProcessState = "starting";
	private isEnding = false;

	constructor(name: string, settings: FrameSettings) {
		this.name = name;
		this.settings = settings;
		// Whoever read it may be gone; that is no reason to end.
		process.stdout.on("error", () => {});
		const write = (text: string): void => {
			if (this.isEnding) writeNow(text);
			else process.stdout.write(text);
		};
		this.logger = new JsonLogger(settings.LOG_LEVEL, write, () => {}, name);
	}

	async run(start: (frame: ProcessFrame) => Promise<void>): Promise<void> {
		process.on("uncaughtException", (error: unknown) => this.fatal(error));
		process.on("unhandledRejection", (error: unknown) => {
			if (!isDriversOwn(error)) this.fatal(error);
		});
		process.on("SIGTERM", () => void this.drain("SIGTERM"));
		process.on("SIGINT", () => void this.drain("SIGINT"));
		try {
			const health = await this.openHealth();
			this.onDrain(() => health.close());
			this.logger.info("starting", { pid: process.pid, healthPort: health.port });
			await start(this);
		} catch (error) {
			if (this.state !== "stopping") this.fatal(error);
		}
	}

	become(state: ProcessState): void {
		if (this.state === "stopping" || this.state === state) return;
		this.state = state;
		this.logger.info(state);
	}

	isReady(): boolean {
		return this.state === "ready";
	}

	addMetrics(lines: () => string): void {
		this.metrics.push(lines);
	}

	addHealth(facts: () => Readonly<Record<string, string>>): void {
		this.health.push(facts);
	}

	onDrain(end: () => Promise<void> | void): void {
		this.ends.push(end);
	}

	async untilThere<T>(what: string, open: () => Promise<T>): Promise<T> {
		for (let attempt = 0; ; attempt += 1) {
			try {
				return await open();
			} catch (error) {
				if (!isAway(error)) throw error;
				if (attempt === 0) this.logger.warn("waits", { what, why: wordsOf(error) });
				await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN_MS));
			}
		}
	}

	fatal(error: unknown): void {
		const code = exitCodeOf(error);
		const stack = code === EXIT.brokenInvariant ? stackOf(error) : "";
		this.logger.error("fatal", { error: wordsOf(error), stack, code });
		this.end(code);
	}

	succeeded(why: string): void {
		this.logger.warn("another process has taken over", { why });
		this.end(EXIT.succeeded);
	}

	private async openHealth(): Promise<HealthListener> {
		const { HEALTH_HOST: hostname, HEALTH_PORT: port } = this.settings;
		try {
			return await HealthListener.open(hostname, port, {
				state: () => this.state,
				facts: () => Object.assign({}, ...this.health.map((facts) => facts())),
				metrics: () => groupedByMetric(this.metrics.map((lines) => lines()).join("")),
			});
		} catch (error) {
			throw listenFailure({ prefix: "HEALTH_", hostname, port }, error);
		}
	}

	/** Nothing new, answers for what is under way, everything written. */
	private async drain(signal: string): Promise<void> {
		if (this.state === "stopping") return;
		this.state = "stopping";
		this.logger.info("draining", { signal });
		const { DRAIN_MS } = this.settings;
		setTimeout(() => {
			this.logger.error("not drained in time", { afterMs: DRAIN_MS });
			this.end(EXIT.notDrained);
		}, DRAIN_MS);
		for (const end of this.ends.reverse()) {
			try {
				await end();
			} catch (error) {
				// The rest is to be ended all the same: leases given back, above all.
				this.logger.error("a part did not drain", { error: wordsOf(error) });
			}
		}
		this.logger.info("drained");
		this.end(0);
	}

	private end(code: number): never {
		this.isEnding = true;
		this.logger.flush();
		process.exit(code);
	}
}

/** What the machine or a server says is plain; a fault in the program, or in the exchange, is not. */
function exitCodeOf(error: unknown): number {
	if (error instanceof SettingsError) return EXIT.wrongUsage;
	if (error instanceof CannotStart) return error.exitCode;
	const isPlain = error instanceof Error && (error.name === "Error" || "code" in error);
	return isPlain || isAway(error) ? EXIT.unavailable : EXIT.brokenInvariant;
}

/** LogUnavailable, LedgerUnavailable, KeyValueUnavailable. */
function isAway(error: unknown): boolean {
	return error instanceof Error && error.name.endsWith("Unavailable");
}

function writeNow(text: string): void {
	try {
		writeSync(1, text);
	} catch {
		// Nobody reads it.
	}
}

function wordsOf(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function stackOf(error: unknown): string {
	return error instanceof Error ? (error.stack ?? "") : "";
}
