import type { Scheduler } from "../../../../schemas/ports/scheduler.ts";
import type { StreamsConnection, StreamsSocket } from "../../../streams/connection.ts";
import type { StreamsServer, StreamsWorker } from "../../../streams/worker.ts";
import type { ProcessLife } from "../process-life.ts";
import { Wire, type WireClient, type WireServer } from "./wire.ts";

/** The server that a streams process is mounted on, with the topics of Bun's. */
export class StreamsFront implements StreamsServer, WireServer {
	readonly life: ProcessLife;
	readonly limitBytes: number;
	readonly closesOverLimit: boolean;
	private readonly worker: StreamsWorker;
	private readonly time: Scheduler;
	private readonly delayMs: () => number;
	private readonly callers = new Map<Request, WireClient>();
	private readonly wires = new Set<Wire>();

	constructor(life: ProcessLife, worker: StreamsWorker, time: Scheduler, delayMs: () => number) {
		this.life = life;
		this.worker = worker;
		this.time = time;
		this.delayMs = delayMs;
		this.limitBytes = worker.socketOptions.backpressureLimit;
		this.closesOverLimit = worker.socketOptions.closeOnBackpressureLimit;
	}

	/** A client connects; it hears `opened` or `closed`, or nothing when the process does not run. */
	connect(target: string, client: WireClient): void {
		const request = new Request(`http://castle${target}`);
		this.time.after(this.delayMs(), () => {
			if (!this.life.alive) return client.closed();
			this.life.enter(() => {
				this.callers.set(request, client);
				this.worker.upgrade(request).then((refusal) => {
					this.callers.delete(request);
					if (refusal !== undefined) client.closed();
				});
			});
		});
	}

	publish(topic: string, text: string): number {
		for (const wire of this.wires) if (wire.topics.has(topic)) wire.push(text);
		return 1;
	}

	requestIP(): { readonly address: string } {
		return { address: "127.0.0.1" };
	}

	upgrade(request: Request, { data }: { readonly data: StreamsConnection }): boolean {
		const client = this.callers.get(request);
		// It may have died while it thought about the request.
		if (client === undefined || !this.life.alive) return false;
		const wire = new Wire(this, client, data, this.time, this.delayMs);
		this.wires.add(wire);
		client.opened(wire);
		this.worker.websocket.open(wire.socket);
		return true;
	}

	received(socket: StreamsSocket, text: string): void {
		this.worker.websocket.message(socket, text);
	}

	ponged(socket: StreamsSocket, payload: string): void {
		this.worker.websocket.pong(socket, Buffer.from(payload));
	}

	ended(socket: StreamsSocket, code: number): void {
		for (const wire of this.wires) if (wire.socket === socket) this.wires.delete(wire);
		this.worker.websocket.close(socket, code);
	}
}
