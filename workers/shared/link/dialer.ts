import { CloseCode, type LinkSocket } from "../../../schemas/link/link-end.ts";
import type { Clock } from "../../../schemas/ports/clock.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../../schemas/ports/scheduler.ts";
import { DialedLink } from "./dialed-link.ts";
import type { LinkService } from "./link-service.ts";

/** Told of one attempt to reach a gateway. `closed` is called once, also when it never opened. */
export interface DialHandlers {
	opened(socket: LinkSocket): void;
	received(frame: string): void;
	closed(reason: string): void;
}

/** How gateways are reached: WebSockets, or a test's memory. */
export interface Dial {
	/** All addresses of a host, for one that stands for several gateways. */
	resolve(host: string): Promise<readonly string[]>;
	/** Gives what ends the attempt. */
	dial(gateway: GatewayAddress, handlers: DialHandlers): () => void;
}

export interface GatewayAddress {
	readonly host: string;
	readonly port: number;
}

export interface LinkDialerOptions {
	/** A host may be a name of several gateways; it is looked up again and again. */
	readonly gateways: readonly GatewayAddress[];
	readonly dial: Dial;
	readonly service: LinkService;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	onFatal(error: unknown): void;
}

const LOOK_UP_EVERY_MS = 2_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** An attempt that neither opens nor fails is given up. */
const OPEN_WITHIN_MS = 2_000;
/** What is asked is finished when stopping, for at most so long. */
const DRAIN_MS = 5_000;
const DRAIN_LOOK_MS = 5;

/** One gateway that is to be linked. */
interface Target {
	readonly address: GatewayAddress;
	link: DialedLink | null;
	/** Ends the attempt or the socket. */
	hangUp: () => void;
	cancelTimer: Cancel;
	failures: number;
}

/** Keeps one link to every gateway, and serves on it. */
export class LinkDialer {
	private readonly options: LinkDialerOptions;
	/** By "address:port". */
	private readonly targets = new Map<string, Target>();
	private stopLookingUp: Cancel = () => {};
	private lookingUp = false;
	private stopping = false;

	constructor(options: LinkDialerOptions) {
		this.options = options;
	}

	start(): void {
		this.stopLookingUp = this.options.scheduler.every(LOOK_UP_EVERY_MS, () => this.lookUpAgain());
		this.lookUpAgain();
	}

	/** Whom this worker serves has changed: says hello again, everywhere. */
	serviceChanged(): void {
		if (this.stopping) return;
		for (const { link } of this.targets.values()) link?.greet(this.options.service.hello());
	}

	/** Links that are open. */
	get open(): number {
		return [...this.targets.values()].filter(({ link }) => link !== null).length;
	}

	/** Serves nobody any more: answers what was asked, for a while, and closes. */
	async stop(): Promise<void> {
		if (this.stopping) return;
		this.stopping = true;
		this.stopLookingUp();
		for (const { link } of this.targets.values()) link?.greet(this.options.service.farewell());
		await this.drained();
		for (const target of [...this.targets.values()]) this.drop(target);
		this.targets.clear();
	}

	private lookUpAgain(): void {
		if (this.lookingUp) return;
		this.lookingUp = true;
		void this.lookUp().finally(() => {
			this.lookingUp = false;
		});
	}

	/** Dials who is new and forgets who is gone; nobody while a name is not known. */
	private async lookUp(): Promise<void> {
		const { gateways, dial, logger } = this.options;
		const found = new Map<string, GatewayAddress>();
		let allKnown = true;
		for (const { host, port } of gateways) {
			try {
				for (const address of await dial.resolve(host)) {
					found.set(`${address}:${port}`, { host: address, port });
				}
			} catch (error) {
				logger.warn("a gateway's name is not known", { host, error: String(error) });
				allKnown = false;
			}
		}
		if (this.stopping) return;
		for (const [name, target] of this.targets) {
			// An open link tells by itself when its gateway goes.
			if (!allKnown || found.has(name) || target.link !== null) continue;
			this.drop(target);
			this.targets.delete(name);
		}
		for (const [name, address] of found) if (!this.targets.has(name)) this.add(name, address);
	}

	private add(name: string, address: GatewayAddress): void {
		const target: Target = {
			...{ address, link: null, failures: 0 },
			...{ hangUp: () => {}, cancelTimer: () => {} },
		};
		this.targets.set(name, target);
		this.dial(target);
	}

	private dial(target: Target): void {
		const { dial, service, clock, scheduler, onFatal } = this.options;
		let over = false;
		// This attempt's own: one that is told of late must not touch the link that took its place.
		let link: DialedLink | null = null;
		const ended = (reason: string): void => {
			if (over) return;
			over = true;
			this.closed(target, reason);
		};
		target.cancelTimer = scheduler.after(OPEN_WITHIN_MS, () => {
			target.hangUp();
			ended("it did not open");
		});
		target.hangUp = dial.dial(target.address, {
			opened: (socket) => {
				if (over) return socket.close(CloseCode.Done, "too late");
				target.cancelTimer();
				link = new DialedLink({ socket, service, clock, scheduler, onFatal, onClosed: ended });
				target.link = link;
				this.log(target, "linked to a gateway", "");
			},
			received(frame) {
				// It understands this worker, where one of another version closes without a word.
				if (!over) target.failures = 0;
				link?.end.receive(frame);
			},
			closed: (reason) => {
				if (link === null) ended(reason);
				else link.end.socketClosed();
			},
		});
	}

	private closed(target: Target, reason: string): void {
		target.cancelTimer();
		if (target.link !== null) this.log(target, "a link has closed", reason);
		target.link = null;
		if (this.stopping) return;
		const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** target.failures, LONGEST_PAUSE_MS);
		target.failures += 1;
		target.cancelTimer = this.options.scheduler.after(pauseMs, () => this.dial(target));
	}

	private drop(target: Target): void {
		target.cancelTimer();
		if (target.link !== null) target.link.end.close(CloseCode.Done, "the worker stops");
		else target.hangUp();
		target.cancelTimer();
	}

	private drained(): Promise<void> {
		const { scheduler } = this.options;
		let left = DRAIN_MS;
		return new Promise((resolve) => {
			const look = (): void => {
				const busy = [...this.targets.values()].some(({ link }) => link?.idle === false);
				left -= DRAIN_LOOK_MS;
				if (!busy || left <= 0) resolve();
				else scheduler.after(DRAIN_LOOK_MS, look);
			};
			look();
		});
	}

	private log({ address }: Target, what: string, reason: string): void {
		this.options.logger.info(what, { gateway: `${address.host}:${address.port}`, reason });
	}
}
