import { Gateway } from "../../../../edge/link/gateway.ts";
import { VirtualTime } from "../../testing/virtual-time.ts";
import { LinkDialer } from "../dialer.ts";
import type { LinkService } from "../link-service.ts";
import { MemoryDial } from "./memory-dial.ts";

const silent = { info() {}, warn() {}, error() {} };

/** Gateways named g1, g2, … behind the name "edge", and workers that dial them, in memory. */
export class LinkWorld {
	readonly time = new VirtualTime();
	readonly dial = new MemoryDial(this.time);
	/** What workers died of. */
	readonly fatals: unknown[] = [];
	private readonly ports = { clock: this.time, scheduler: this.time, logger: silent };
	private readonly maxWaiting: number;

	constructor(gateways = 1, maxWaiting = 100) {
		this.maxWaiting = maxWaiting;
		this.dial.names.set("edge", []);
		for (let i = 1; i <= gateways; i++) this.addGateway(`g${i}`);
	}

	get gateway(): Gateway {
		return this.dial.gateways.get("g1")!;
	}

	/** Two account shards, two partitions. */
	addGateway(name: string): Gateway {
		const { ports, maxWaiting } = this;
		const gateway = new Gateway({ ...ports, accountShards: 2, partitions: 2, maxWaiting });
		this.dial.gateways.set(name, gateway);
		this.dial.names.set("edge", [...(this.dial.names.get("edge") ?? []), name]);
		return gateway;
	}

	/** A process that serves this, linked to every gateway when it resolves. */
	async worker(service: LinkService): Promise<LinkDialer> {
		const dialer = new LinkDialer({
			...{ ...this.ports, dial: this.dial, service, gateways: [{ host: "edge", port: 1 }] },
			onFatal: (error) => this.fatals.push(error),
		});
		dialer.start();
		await this.turn();
		return dialer;
	}

	/** Lets everything arrive that is on its way. */
	turn(): Promise<void> {
		return this.time.advance(20);
	}

	/** The frames to this worker's gateway, decoded: rows of every frame. */
	rows(frames: readonly string[]): unknown[][][] {
		return frames.map((frame) => JSON.parse(frame));
	}
}

/** What a promise came to, or "waiting". */
export function stateOf<T>(promise: Promise<T>): { now: T | "waiting" | Error } {
	const state: { now: T | "waiting" | Error } = { now: "waiting" };
	promise.then(
		(value) => {
			state.now = value;
		},
		(error: Error) => {
			state.now = error;
		},
	);
	return state;
}
