import type { TimeUnit } from "../../schemas/api/time-unit.ts";
import { userEventPayload } from "../../schemas/api/user-event-payload.ts";
import type { UserEventMessage } from "../../schemas/user-event.ts";
import { UserEventGate } from "../../schemas/user-event-gate.ts";
import type { ApiError } from "../api-error.ts";
import { statusUnknown } from "../http/errors.ts";
import type { EdgeServices } from "../services.ts";
import type { UserEventListener } from "./user-event-hub.ts";

export interface SubscriptionHost {
	send(text: string): void;
	/** It has ended by itself; the client was told. */
	ended(subscription: Subscription): void;
	/** Its key may be revoked: looks, and ends it if so. */
	keyChanged(subscription: Subscription): void;
}

/** One user's events on one connection. Nothing is sent before `begin`: the answer goes first. */
export class Subscription implements UserEventListener {
	readonly id: number;
	readonly userId: number;
	readonly apiKey: string;
	/** Opened by the session's own key: it ends with the logon. */
	readonly ofSession: boolean;
	/** What whoever asked for it is told instead; null where nothing is wrong with it, also when it was given back. */
	refusal: ApiError | null = null;
	private readonly services: EdgeServices;
	private readonly unit: TimeUnit;
	private readonly host: SubscriptionHost;
	private readonly gate: UserEventGate;
	private early: UserEventMessage[] | null = [];
	private hasEnded = false;

	constructor(
		services: EdgeServices,
		unit: TimeUnit,
		host: SubscriptionHost,
		who: {
			readonly id: number;
			readonly userId: number;
			readonly apiKey: string;
			readonly ofSession: boolean;
		},
	) {
		this.services = services;
		this.unit = unit;
		this.host = host;
		this.id = who.id;
		this.userId = who.userId;
		this.apiKey = who.apiKey;
		this.ofSession = who.ofSession;
		this.gate = new UserEventGate({
			scheduler: services.scheduler,
			deliver: (message) => this.deliver(message),
			resume: (after) => services.accounts(who.userId).userEventsSince(who.userId, after),
			close: () => this.terminate(statusUnknown()),
		});
	}

	/** Resolves when it is open, or has ended. */
	async open(): Promise<void> {
		await this.gate.open();
	}

	/** From here on events go out; of one that has ended meanwhile, that it has. */
	begin(): void {
		const early = this.early ?? [];
		this.early = null;
		for (const message of early) this.deliver(message);
		if (this.hasEnded) this.tellEnd();
	}

	receive(message: UserEventMessage): void {
		this.gate.receive(message);
	}

	check(): void {
		this.gate.check();
	}

	/** Resolves when every event has gone out that there was before now. */
	caughtUp(): Promise<void> {
		return this.gate.caughtUp();
	}

	keyChanged(): void {
		this.host.keyChanged(this);
	}

	/**
	 * Ends it and tells the client, who knows of it once it has begun: no event is coming any more.
	 *
	 * @param refusal where the client did not ask for the end
	 */
	terminate(refusal: ApiError | null = null): void {
		this.gate.stop();
		this.refusal = refusal;
		this.hasEnded = true;
		this.host.ended(this);
		if (this.early === null) this.tellEnd();
	}

	/** Ends it silently: the client is gone. */
	stop(): void {
		this.gate.stop();
	}

	private tellEnd(): void {
		const nowMs = this.services.clock.nowMs();
		const E = this.unit === "MICROSECOND" ? nowMs * 1_000 : nowMs;
		this.send({ e: "eventStreamTerminated", E });
	}

	private deliver(message: UserEventMessage): void {
		if (this.early !== null) {
			this.early.push(message);
			return;
		}
		this.send(userEventPayload(this.services.marketData.venue, message, this.unit));
	}

	private send(event: object): void {
		this.host.send(JSON.stringify({ subscriptionId: this.id, event }));
	}
}
