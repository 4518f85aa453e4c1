import type { Clock } from "../../../schemas/ports/clock.ts";
import type { Log } from "../../../schemas/ports/log.ts";
import type { Cancel, Scheduler } from "../../../schemas/ports/scheduler.ts";

/** Ways into and out of a process that can be cut one by one. */
export type Way = "log" | "acknowledgements" | "ledger" | "store" | "bus" | "link";

/** The names of the two ends of a call, put together once: a life makes thousands. */
export interface CallSteps {
	readonly before: string;
	readonly after: string;
}

/** What the life asks of the world around it. */
export interface Surroundings {
	readonly time: Clock & Scheduler;
	/** The process is at this step of its life, named with its kind: the world may kill it here. */
	met(life: ProcessLife, step: string): void;
	/** Something of a log is on its way to it: the world may cut it off here. */
	delivered(life: ProcessLife): void;
	/** Something in the process threw where nobody catches. */
	crashed(life: ProcessLife, error: unknown): void;
}

/**
 * The life of a simulated process. Everything that enters it (timers, answers of ports, deliveries)
 * comes through here, so it can be killed between any two steps, paused like a process under SIGSTOP,
 * or cut off from some of its ports. What it sent before its death still happens in the world, but
 * nothing ever comes back to the dead.
 */
export class ProcessLife {
	readonly role: string;
	/** "accounts 2" is of the kind "accounts". */
	readonly kind: string;
	/** Added to the world's wall clock. */
	private offsetMs: number;
	/** Of its two clocks one at most ever lies: a wall clock set back in its sleep would deceive both. */
	private clockWasSet = false;
	private readonly world: Surroundings;
	private state: "running" | "paused" | "dead" = "running";
	/** What came while it was paused, in order. */
	private inbox: (() => void)[] = [];
	private draining = false;
	/** When it was suspended with its machine; null while it is not. */
	private suspendedAtMs: number | null = null;
	/** What its monotonic clock has missed. */
	private missedMs = 0;
	private readonly cuts = new Map<Way, { out: boolean; readonly held: (() => void)[] }>();
	private readonly steps = new Map<string, Map<PropertyKey, CallSteps>>();
	private endings: Cancel[] = [];

	constructor(role: string, world: Surroundings, clockOffsetMs: number) {
		this.role = role;
		this.kind = role.split(" ")[0] as string;
		this.world = world;
		this.offsetMs = clockOffsetMs;
	}

	get alive(): boolean {
		return this.state !== "dead";
	}

	get paused(): boolean {
		return this.state === "paused";
	}

	/** kill -9. */
	kill(): void {
		if (this.state === "dead") return;
		this.state = "dead";
		this.inbox = [];
		// What a cut held back on its way out was never sent.
		this.cuts.clear();
		for (const run of this.endings.splice(0)) run();
	}

	/** To be done when it dies, by what the dead leave behind: its connections end. */
	atEnd(run: () => void): void {
		this.endings.push(run);
	}

	/** SIGSTOP: what comes in waits. */
	pause(): void {
		if (this.state === "running") this.state = "paused";
	}

	get clockOffsetMs(): number {
		return this.offsetMs;
	}

	/** Its wall clock is set. */
	setClock(offsetMs: number): void {
		if (this.missedMs > 0 || this.suspendedAtMs !== null) return;
		this.clockWasSet = true;
		this.offsetMs = offsetMs;
	}

	/** Its machine sleeps: as `pause`, and its monotonic clock stands still. */
	suspend(): void {
		if (this.state !== "running" || this.clockWasSet) return;
		this.pause();
		this.suspendedAtMs = this.world.time.monotonicMs();
	}

	/** SIGCONT: what waited enters in its order, one thing at a time. */
	wake(): void {
		if (this.state !== "paused") return;
		this.state = "running";
		if (this.suspendedAtMs !== null) {
			this.missedMs += this.world.time.monotonicMs() - this.suspendedAtMs;
			this.suspendedAtMs = null;
		}
		if (!this.draining) this.drain();
	}

	/**
	 * Nothing comes in on this way until it is mended; what is sent out goes, or waits with it. On the
	 * bus nothing waits: it is lost.
	 */
	cut(way: Way, out: boolean): void {
		if (this.alive && !this.cuts.has(way)) this.cuts.set(way, { out, held: [] });
	}

	isCut(way: Way): boolean {
		return this.cuts.has(way);
	}

	mend(way: Way): void {
		const cut = this.cuts.get(way);
		if (cut === undefined) return;
		this.cuts.delete(way);
		if (!this.draining) this.drain();
		for (const run of cut.held) run();
	}

	/** Of what a cut holds back the oldest comes in. */
	letThrough(way: Way): void {
		this.cuts.get(way)?.held.shift()?.();
	}

	mendAll(): void {
		for (const way of [...this.cuts.keys()]) this.mend(way);
	}

	/** The process's clock: off by some; its monotonic part goes on while it is paused. */
	readonly clock: Clock = {
		nowMs: () => this.world.time.nowMs() + this.offsetMs,
		monotonicMs: () => this.world.time.monotonicMs() - this.missedMs,
	};

	/** The process's timers. */
	readonly scheduler: Scheduler = {
		after: (delayMs, run) => this.timer((fire) => this.world.time.after(delayMs, fire), run),
		every: (periodMs, run) => this.timer((fire) => this.world.time.every(periodMs, fire), run),
		soon: (run) => this.world.time.soon(() => this.enter(run)),
	};

	/** Lets something in: now, when it wakes, or never. */
	enter(run: () => void): void {
		if (this.state === "dead") return;
		if (this.state === "paused" || this.draining) this.inbox.push(run);
		else this.run(run);
	}

	/** Something comes in on a way that may be cut. */
	arrive(way: Way, run: () => void): void {
		const cut = this.cuts.get(way);
		if (cut === undefined) this.enter(run);
		else if (way !== "bus") cut.held.push(() => this.enter(run));
	}

	/** The steps of calls of a port's method. */
	stepsOf(port: string, method: PropertyKey): CallSteps {
		const known = this.steps.get(port) ?? new Map<PropertyKey, CallSteps>();
		const steps = known.get(method);
		if (steps !== undefined) return steps;
		const name = `${port} ${String(method)}`;
		const made = { before: `${this.kind}: before ${name}`, after: `${this.kind}: after ${name}` };
		this.steps.set(port, known.set(method, made));
		return made;
	}

	/**
	 * A call to the outside. Its answer comes in like everything else; to the dead it never comes.
	 *
	 * @param back a way of its own that the answer may be kept on
	 */
	call<T>(way: Way, steps: CallSteps, send: () => Promise<T>, back = way): Promise<T> {
		return new Promise((resolve, reject) => {
			this.world.met(this, steps.before);
			if (!this.alive) return;
			const answered = (run: () => void): void => {
				if (!this.alive) return;
				this.world.met(this, steps.after);
				this.arrive(this.isCut(way) ? way : back, run);
			};
			const go = (): void => {
				send().then(
					(value) => answered(() => resolve(value)),
					(error) => answered(() => reject(error)),
				);
			};
			const cut = this.cuts.get(way);
			if (cut?.out === true) cut.held.push(go);
			else go();
		});
	}

	/** The log as this process reaches it. */
	log<R>(log: Log<R>): Log<R> {
		const { topic } = log;
		const append = this.stepsOf("append", topic);
		const end = this.stepsOf("end", topic);
		const read = this.stepsOf("read", topic);
		const delivery = `${this.kind}: delivery ${topic}`;
		return {
			topic,
			partitions: log.partitions,
			logId: log.logId,
			append: (partition, records) => {
				// The caller may reuse its array while a cut holds the call back.
				const sent = records.slice();
				const send = () => log.append(partition, sent);
				return this.call("log", append, send, "acknowledgements");
			},
			end: (partition) => this.call("log", end, () => log.end(partition)),
			read: (partition, from, limit) =>
				this.call("log", read, () => log.read(partition, from, limit)),
			follow: (partition, from, deliver) => {
				let stopped = false;
				const cancel = log.follow(partition, from, (entries) => {
					if (stopped || !this.alive) return;
					this.world.met(this, delivery);
					this.world.delivered(this);
					this.arrive("log", () => {
						if (!stopped) deliver(entries);
					});
				});
				const stop = (): void => {
					stopped = true;
					cancel();
				};
				this.atEnd(stop);
				return stop;
			},
		};
	}

	/** Any other port whose methods all give promises. */
	port<P extends object>(way: Way, name: string, port: P): P {
		return new Proxy(port, {
			get: (target, property) => {
				const method = Reflect.get(target, property);
				if (typeof method !== "function") return method;
				const steps = this.stepsOf(name, property);
				return (...args: unknown[]) => this.call(way, steps, () => method.apply(target, args));
			},
		});
	}

	private timer(set: (fire: () => void) => Cancel, run: () => void): Cancel {
		let canceled = false;
		let waiting = false;
		const cancel = set(() => {
			// A timer that fired several times while nobody ran is told of once.
			if (!this.alive) return cancel();
			if (waiting) return;
			waiting = true;
			this.enter(() => {
				waiting = false;
				if (!canceled) run();
			});
		});
		return () => {
			canceled = true;
			cancel();
		};
	}

	private drain(): void {
		this.draining = true;
		this.world.time.soon(() => {
			if (this.state !== "running") {
				this.draining = false;
				return;
			}
			const next = this.inbox.shift();
			if (next !== undefined) this.run(next);
			if (this.inbox.length > 0) this.drain();
			else this.draining = false;
		});
	}

	private run(run: () => void): void {
		try {
			run();
		} catch (error) {
			this.world.crashed(this, error);
		}
	}
}
