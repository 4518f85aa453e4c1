import { keyChanges } from "../../schemas/key-changes.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { SpreadVisits } from "../../schemas/spread-visits.ts";
import type { UserEventMessage } from "../../schemas/user-event.ts";
import { userEventsOf } from "../../schemas/user-event-channel.ts";

/** Who hears of one user's events. */
export interface UserEventListener {
	readonly userId: number;
	readonly apiKey: string;
	receive(message: UserEventMessage): void;
	/** Looks for events lost at the end. */
	check(): void;
	/** The key it was opened with was changed, or may have been. */
	keyChanged(): void;
}

/** The gate asks for at least two a minute. */
const CHECK_MS = 20_000;

/** What the channels have lost may be events, and that a key was revoked. */
function lookAfter(listener: UserEventListener): void {
	listener.check();
	listener.keyChanged();
}

/** One subscription to the channels for all connections of this edge. */
export class UserEventHub {
	private readonly listeners = new Map<number, Set<UserEventListener>>();
	private readonly stops: readonly Cancel[];

	constructor(pubsub: PubSub, scheduler: Scheduler) {
		const userEvents = userEventsOf((userId) => this.listeners.has(userId));
		const visits = new SpreadVisits<UserEventListener>(scheduler, lookAfter);
		const lookAfterAll = (): void => visits.visitAll(this.all());
		this.stops = [
			pubsub.subscribe(userEvents, (messages) => this.deliver(messages)),
			pubsub.subscribe(keyChanges, ({ apiKey }) => this.changeKey(apiKey)),
			pubsub.onLoss(lookAfterAll),
			scheduler.every(CHECK_MS, lookAfterAll),
			() => visits.stop(),
		];
	}

	add(listener: UserEventListener): void {
		const ofUser = this.listeners.get(listener.userId);
		if (ofUser === undefined) this.listeners.set(listener.userId, new Set([listener]));
		else ofUser.add(listener);
	}

	remove(listener: UserEventListener): void {
		const ofUser = this.listeners.get(listener.userId);
		ofUser?.delete(listener);
		if (ofUser?.size === 0) this.listeners.delete(listener.userId);
	}

	close(): void {
		for (const stop of this.stops) stop();
	}

	private deliver(messages: readonly UserEventMessage[]): void {
		for (const message of messages) {
			const ofUser = this.listeners.get(message.userId);
			if (ofUser !== undefined) for (const listener of [...ofUser]) listener.receive(message);
		}
	}

	private changeKey(apiKey: string): void {
		for (const listener of this.all()) if (listener.apiKey === apiKey) listener.keyChanged();
	}

	private all(): readonly UserEventListener[] {
		return [...this.listeners.values()].flatMap((ofUser) => [...ofUser]);
	}
}
