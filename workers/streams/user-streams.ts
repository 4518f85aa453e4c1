import { userEventPayload } from "../../schemas/api/user-event-payload.ts";
import type { AccountService } from "../../schemas/ports/account-service.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import type { ListenKeys } from "../../schemas/ports/listen-keys.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { isTraced, traceOf } from "../../schemas/trace.ts";
import type { UserEventMessage } from "../../schemas/user-event.ts";
import { UserEventGate } from "../../schemas/user-event-gate.ts";
import type { VenueView } from "../../schemas/venue-config.ts";
import type { StreamsConnection } from "./connection.ts";

/** A listen key that is nobody's; or an account worker, or the store of the keys, that does not answer. */
export type UserStreamFault = "unknownListenKey" | "unavailable";

export interface UserStreamsOptions {
	readonly venue: VenueView;
	readonly listenKeys: ListenKeys;
	readonly accounts: (userId: number) => AccountService;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	/** One order in so many is traced, the same in every process; absent: none. */
	readonly traceOneIn?: number;
}

const LISTEN_KEY = /^[A-Za-z0-9]{64}$/;

/** True for names that are listen keys and not streams, which all have an @ or a !. */
export function isListenKey(name: string): boolean {
	return LISTEN_KEY.test(name);
}

/** The user streams of all connections: a gate for each, fed from the channel `user-events`. */
export class UserStreams {
	private readonly options: UserStreamsOptions;
	private readonly gates = new Map<number, Set<UserEventGate>>();

	constructor(options: UserStreamsOptions) {
		this.options = options;
	}

	/** Users somebody listens to. */
	get users(): number {
		return this.gates.size;
	}

	listensTo(userId: number): boolean {
		return this.gates.has(userId);
	}

	/** Messages of the channel, also of users that nobody listens to. */
	receive(messages: readonly UserEventMessage[]): void {
		if (this.gates.size === 0) return;
		for (const message of messages) {
			const gates = this.gates.get(message.userId);
			if (gates !== undefined) for (const gate of gates) gate.receive(message);
		}
	}

	/**
	 * Adds a user's events to a connection; resolves when nothing that happens from here on can be
	 * missed. A hole later on closes the connection.
	 */
	async add(connection: StreamsConnection, listenKey: string): Promise<UserStreamFault | null> {
		if (connection.userStreams.has(listenKey)) return null;
		const userId = await this.userOf(listenKey);
		if (userId === null) return "unknownListenKey";
		if (userId === "unavailable") return userId;
		const account = this.options.accounts(userId);
		let failed = false;
		const gate = new UserEventGate({
			scheduler: this.options.scheduler,
			deliver: (message) => {
				const payload = userEventPayload(this.options.venue, message, connection.form.unit);
				connection.sendEvent(listenKey, payload);
				this.trace(message);
			},
			resume: (after) => account.userEventsSince(userId, after),
			close: (reason) => {
				failed = true;
				stop();
				if (connection.userStreams.has(listenKey)) connection.close(1013, reason);
			},
		});
		const stop = (): void => {
			gate.stop();
			this.detach(userId, gate);
		};
		this.attach(userId, gate);
		await gate.open();
		if (failed) return "unavailable";
		if (connection.gone) stop();
		else connection.userStreams.set(listenKey, { userId, check: () => gate.check(), stop });
		return null;
	}

	/** Asks whether the events of a connection are complete and its keys still live. */
	async check(connection: StreamsConnection): Promise<void> {
		const streams = [...connection.userStreams];
		// Of those too whose keys cannot be asked for.
		for (const [, stream] of streams) stream.check();
		for (const [listenKey] of streams) {
			if ((await this.options.listenKeys.userOf(listenKey)) === null) {
				this.expire(connection, listenKey);
			}
		}
	}

	private async userOf(listenKey: string): Promise<number | null | "unavailable"> {
		try {
			return await this.options.listenKeys.userOf(listenKey);
		} catch (error) {
			if (!(error instanceof KeyValueUnavailable)) throw error;
			return "unavailable";
		}
	}

	private expire(connection: StreamsConnection, listenKey: string): void {
		if (!connection.userStreams.has(listenKey)) return;
		connection.removeUserStream(listenKey);
		const E = connection.timeOf(this.options.clock.nowMs());
		connection.sendEvent(listenKey, { e: "listenKeyExpired", E, listenKey });
	}

	/** An order goes by the name of the command that placed it, whatever becomes of it later. */
	private trace({ event }: UserEventMessage): void {
		const { traceOneIn, logger } = this.options;
		if (traceOneIn === undefined || event.kind !== "executionReport") return;
		const { execution, order } = event;
		if (!isTraced(order.seq, traceOneIn)) return;
		const trace = traceOf(order.partition, order.shard, order.seq);
		logger.info("trace", { trace, orderId: order.orderId, step: "sent", execution });
	}

	private attach(userId: number, gate: UserEventGate): void {
		const gates = this.gates.get(userId);
		if (gates === undefined) this.gates.set(userId, new Set([gate]));
		else gates.add(gate);
	}

	private detach(userId: number, gate: UserEventGate): void {
		const gates = this.gates.get(userId);
		gates?.delete(gate);
		if (gates?.size === 0) this.gates.delete(userId);
	}
}
