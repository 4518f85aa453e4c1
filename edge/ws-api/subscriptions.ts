import type { TimeUnit } from "../../schemas/api/time-unit.ts";
import { ApiError } from "../api-error.ts";
import { type Authenticator, badKey } from "../auth/signed.ts";
import { statusUnknown } from "../http/errors.ts";
import type { EdgeServices } from "../services.ts";
import { Subscription } from "./subscription.ts";
import type { UserEventHub } from "./user-event-hub.ts";

const MAX_ACTIVE = 1_000;
const MAX_IN_LIFE = 65_535;

/** The user data streams of one connection: one per account. */
export class Subscriptions {
	private readonly services: EdgeServices;
	private readonly authenticator: Authenticator;
	private readonly hub: UserEventHub;
	private readonly unit: TimeUnit;
	private readonly ip: string;
	private readonly send: (text: string) => void;
	private readonly open = new Map<number, Subscription>();
	private nextId = 0;
	/** The connection is gone: what it asked for before is not wanted any more. */
	private isGone = false;

	constructor(
		services: EdgeServices,
		authenticator: Authenticator,
		hub: UserEventHub,
		unit: TimeUnit,
		ip: string,
		send: (text: string) => void,
	) {
		this.services = services;
		this.authenticator = authenticator;
		this.hub = hub;
		this.unit = unit;
		this.ip = ip;
		this.send = send;
	}

	/**
	 * Gives it once it is open; one that was given back meanwhile has ended, and says so once it begins.
	 *
	 * @throws ApiError -2035 when this account has one here, -2042 at the bound, -1007 when its worker does not
	 * answer, -2015 when the key was revoked meanwhile
	 */
	async add(userId: number, apiKey: string, ofSession: boolean): Promise<Subscription> {
		if (this.isGone) throw statusUnknown();
		for (const subscription of this.open.values()) {
			if (subscription.userId === userId) {
				throw new ApiError(-2035, "User Data Stream subscription already active.");
			}
		}
		if (this.open.size >= MAX_ACTIVE || this.nextId >= MAX_IN_LIFE) {
			throw new ApiError(-2042, "Too many User Data Stream subscriptions on this connection.");
		}
		const host = {
			send: this.send,
			ended: (ended: Subscription) => this.remove(ended),
			keyChanged: (changed: Subscription) => void this.recheck(changed),
		};
		const who = { id: this.nextId++, userId, apiKey, ofSession };
		const subscription = new Subscription(this.services, this.unit, host, who);
		this.open.set(subscription.id, subscription);
		this.hub.add(subscription);
		await subscription.open();
		if (subscription.refusal !== null) throw subscription.refusal;
		return subscription;
	}

	/** Resolves when this user's events before now have gone out; at once where nobody listens to them. */
	async caughtUp(userId: number): Promise<void> {
		for (const subscription of this.open.values()) {
			if (subscription.userId === userId) await subscription.caughtUp();
		}
	}

	/** Ends one, or all, and says so of each. @throws ApiError -2036 when there is none */
	drop(id: number | null): void {
		const dropped = id === null ? [...this.open.values()] : [this.open.get(id)];
		if (dropped.length === 0 || dropped[0] === undefined) {
			throw new ApiError(-2036, "User Data Stream subscription not active.");
		}
		for (const subscription of dropped) subscription?.terminate();
	}

	list(): readonly { readonly subscriptionId: number }[] {
		return [...this.open.keys()].map((subscriptionId) => ({ subscriptionId }));
	}

	/** True when there is any. */
	get active(): boolean {
		return this.open.size > 0;
	}

	/** The session has no key any more. */
	endOfSession(): void {
		for (const one of [...this.open.values()]) if (one.ofSession) one.terminate();
	}

	/** The connection is gone. */
	stopAll(): void {
		this.isGone = true;
		for (const one of [...this.open.values()]) {
			one.stop();
			this.remove(one);
		}
	}

	private remove(subscription: Subscription): void {
		this.open.delete(subscription.id);
		this.hub.remove(subscription);
	}

	private async recheck(subscription: Subscription): Promise<void> {
		try {
			await this.authenticator.stillUsable(subscription.apiKey, this.ip);
		} catch {
			// Revoked, or we cannot know: private events must not go on.
			if (this.open.has(subscription.id)) subscription.terminate(badKey());
		}
	}
}
