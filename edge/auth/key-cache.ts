import { keyChanges } from "../../schemas/key-changes.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { SecretBox, VerificationKey } from "../../schemas/ports/crypto.ts";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { ApiKey, Users } from "../../schemas/ports/users.ts";

/** A key as calls are checked against it: found, not revoked, its secret open. */
export interface UsableKey {
	readonly key: ApiKey;
	readonly verification: VerificationKey;
}

interface Entry {
	/** null for a key that does not exist or was revoked. */
	readonly usable: UsableKey | null;
	readonly until: number;
	/** From then on whoever uses it has it looked up again, and does not wait for that. */
	readonly renewFrom: number;
}

interface Load {
	readonly startedMs: number;
	/** False once a change of the key was announced: what was read may be older. */
	current: boolean;
	usable: Promise<UsableKey | null>;
}

const KNOWN_MS = 5_000;
const UNKNOWN_MS = 1_000;
/** A key in use is renewed this long after its look-up, or some steps later… */
const RENEW_AFTER_MS = 2_000;
/** …so that keys that were first used together are not for ever looked up together. */
const RENEW_STEP_MS = 125;
const RENEW_STEPS = 16;
/** How long a key that was known goes on when it cannot be looked up, since its store is away. */
const AWAY_MS = 600_000;
/** A look-up that takes longer says that the store is away. */
const SLOW_MS = 1_000;
/** Pause between look-ups while it is away. */
const ASK_AGAIN_MS = 500;
/** So that made-up keys cannot fill the memory. */
const MAX_ENTRIES = 20_000;

/**
 * API keys with their secrets open, for at most five seconds, so that a lost `keyChanges` message
 * costs no more than that. Unknown keys are remembered for one second. Several calls that miss the
 * same key wait for one look-up. A key that is used all the time is renewed before its time is over,
 * and nobody waits for that.
 *
 * While the store is away, known keys go on: a revocation begins in the store, and an account worker that
 * was told of one refuses the key by its generation, whatever an edge believes.
 */
export class KeyCache {
	private readonly users: Users;
	private readonly secretBox: SecretBox;
	private readonly clock: Clock;
	private readonly entries = new Map<string, Entry>();
	private readonly loading = new Map<string, Load>();
	private readonly unsubscribe: () => void;
	private remembered = 0;
	/** The last look-up that ended found nobody there; before this time there is none for a key that is known. */
	private away = false;
	private askAgainFrom = 0;

	constructor(users: Users, secretBox: SecretBox, clock: Clock, pubsub: PubSub) {
		this.users = users;
		this.secretBox = secretBox;
		this.clock = clock;
		this.unsubscribe = pubsub.subscribe(keyChanges, ({ apiKey }) => this.drop(apiKey));
	}

	/** The key, or null when it does not exist or was revoked. At once when it is remembered. */
	find(apiKey: string): UsableKey | null | Promise<UsableKey | null> {
		const entry = this.entries.get(apiKey);
		if (entry !== undefined) {
			const nowMs = this.clock.monotonicMs();
			if (nowMs < entry.until) {
				if (nowMs >= entry.renewFrom) this.renew(apiKey, entry.usable);
				return entry.usable;
			}
			if (this.goesOn(entry, nowMs) && this.isAway(nowMs)) {
				if (nowMs >= this.askAgainFrom) this.renew(apiKey, entry.usable);
				return entry.usable;
			}
		}
		return this.loading.get(apiKey)?.usable ?? this.startLoad(apiKey, entry?.usable);
	}

	/** Forgets the key, and what a look-up that is on its way will bring: it has changed. */
	drop(apiKey: string): void {
		this.entries.delete(apiKey);
		const load = this.loading.get(apiKey);
		if (load !== undefined) load.current = false;
		this.loading.delete(apiKey);
	}

	close(): void {
		this.unsubscribe();
	}

	/** It was a key, not too long ago. */
	private goesOn({ usable, until }: Entry, nowMs: number): boolean {
		return usable !== null && nowMs < until + AWAY_MS;
	}

	private isAway(nowMs: number): boolean {
		if (this.away) return true;
		const oldest = this.loading.values().next().value;
		return oldest !== undefined && nowMs - oldest.startedMs >= SLOW_MS;
	}

	/** What fails here fails again, for someone to see, once the entry's time is over. */
	private renew(apiKey: string, known: UsableKey | null): void {
		if (this.loading.has(apiKey)) return;
		this.startLoad(apiKey, known).catch(() => undefined);
	}

	/** @param known what was read before: a secret that is open stays so */
	private startLoad(apiKey: string, known: UsableKey | null = null): Promise<UsableKey | null> {
		// Counted from before the look-up: what is read may be as old as that.
		const started = this.clock.monotonicMs();
		const read = this.read(apiKey, known);
		const load: Load = {
			startedMs: started,
			current: true,
			usable: read.catch((error: unknown) => this.knownBefore(apiKey, error)),
		};
		this.loading.set(apiKey, load);
		read.then(
			(usable) => {
				this.away = false;
				if (!load.current) return;
				this.loading.delete(apiKey);
				this.remember(apiKey, this.entryOf(usable, started));
			},
			() => {
				if (load.current) this.loading.delete(apiKey);
			},
		);
		return load.usable;
	}

	/** @throws the error, when the store is not away or the key was not known */
	private knownBefore(apiKey: string, error: unknown): UsableKey | null {
		if (!(error instanceof LedgerUnavailable)) throw error;
		const nowMs = this.clock.monotonicMs();
		this.away = true;
		this.askAgainFrom = nowMs + ASK_AGAIN_MS;
		// A change that was announced meanwhile has dropped it.
		const entry = this.entries.get(apiKey);
		if (entry !== undefined && this.goesOn(entry, nowMs)) return entry.usable;
		throw error;
	}

	private entryOf(usable: UsableKey | null, started: number): Entry {
		if (usable === null) {
			const until = started + UNKNOWN_MS;
			return { usable, until, renewFrom: until };
		}
		this.remembered += 1;
		const stepMs = (this.remembered % RENEW_STEPS) * RENEW_STEP_MS;
		return {
			usable,
			until: started + KNOWN_MS,
			renewFrom: started + RENEW_AFTER_MS + stepMs,
		};
	}

	private async read(apiKey: string, known: UsableKey | null): Promise<UsableKey | null> {
		const key = await this.users.keyByText(apiKey);
		if (key === null || key.revoked) return null;
		if (known?.key.material === key.material) return { key, verification: known.verification };
		const material = key.type === "hmac" ? await this.secretBox.open(key.material) : key.material;
		return { key, verification: { type: key.type, material } };
	}

	private remember(apiKey: string, entry: Entry): void {
		if (this.entries.size >= MAX_ENTRIES) {
			const oldest = this.entries.keys().next();
			if (!oldest.done) this.entries.delete(oldest.value);
		}
		this.entries.set(apiKey, entry);
	}
}
