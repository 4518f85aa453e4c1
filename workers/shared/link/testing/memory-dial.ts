import type { Gateway, GatewayLink } from "../../../../edge/link/gateway.ts";
import type { Scheduler } from "../../../../schemas/ports/scheduler.ts";
import type { Dial, DialHandlers, GatewayAddress } from "../dialer.ts";

/** One connection through memory. */
export interface Wire {
	readonly host: string;
	/** Frames that went to the gateway, and to the worker. */
	readonly toGateway: string[];
	readonly toWorker: string[];
	/** As if the other end had sent it. */
	sendToGateway(frame: string): void;
	sendToWorker(frame: string): void;
	/** From here on nothing arrives any more, and nobody is told: a cable is cut, a process hangs. */
	cut(): void;
	/** Both ends see it close. */
	break(): void;
}

/**
 * Gateways that are reached through memory: names stand for any number of addresses, each address for
 * a gateway. Frames arrive in the next turn.
 */
export class MemoryDial implements Dial {
	readonly names = new Map<string, readonly string[]>();
	readonly gateways = new Map<string, Gateway>();
	/** Every connection that was made, also those that ended. */
	readonly wires: Wire[] = [];
	attempts = 0;
	private readonly scheduler: Scheduler;

	constructor(scheduler: Scheduler) {
		this.scheduler = scheduler;
	}

	async resolve(host: string): Promise<readonly string[]> {
		const addresses = this.names.get(host);
		if (addresses === undefined) throw new Error(`no such host: ${host}`);
		return addresses;
	}

	dial({ host }: GatewayAddress, handlers: DialHandlers): () => void {
		this.attempts += 1;
		let open = true;
		const close = (reason: string): void => {
			if (!open) return;
			open = false;
			this.scheduler.soon(() => handlers.closed(reason));
		};
		this.scheduler.soon(() => {
			const gateway = this.gateways.get(host);
			if (!open) return;
			if (gateway === undefined) close("refused");
			else this.connect(host, gateway, handlers);
		});
		return () => close("hung up");
	}

	private connect(host: string, gateway: Gateway, handlers: DialHandlers): void {
		let open = true;
		let isCut = false;
		const toGateway: string[] = [];
		const toWorker: string[] = [];
		const carry = (frames: string[], frame: string, arrive: (frame: string) => void): void => {
			if (!open || isCut) return;
			frames.push(frame);
			this.scheduler.soon(() => {
				if (!isCut) arrive(frame);
			});
		};
		const close = (): void => {
			if (!open) return;
			open = false;
			if (isCut) return;
			this.scheduler.soon(() => {
				far.closed();
				handlers.closed("closed");
			});
		};
		const far: GatewayLink = gateway.open({
			send: (frame) => carry(toWorker, frame, handlers.received),
			close,
		});
		handlers.opened({
			send: (frame) => carry(toGateway, frame, (text) => far.receive(text)),
			close,
		});
		const cut = (): void => {
			isCut = true;
		};
		this.wires.push({
			...{ host, toGateway, toWorker, cut, break: close },
			sendToGateway: (frame) => far.receive(frame),
			sendToWorker: handlers.received,
		});
	}
}
