import type { Clock } from "../../schemas/ports/clock.ts";
import type { SecretBox, VerificationKey } from "../../schemas/ports/crypto.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { ApiKey, Users } from "../../schemas/ports/users.ts";
import { keyChanges } from "../../schemas/user-event.ts";

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
/** So that made-up keys cannot fill the memory. */
const MAX_ENTRIES = 20_000;

/**
 * API keys with their secrets open, for at most five seconds, so that a lost `keyChanges` message
 * costs no more than that. Unknown keys are remembered for one second. Several calls that miss the
 * same key wait for one look-up. A key that is used all the time is renewed before its time is over,
 * and nobody waits for that.
 */
export class KeyCache {
	private readonly users: Users;
	private readonly secretBox: SecretBox;
	private readonly clock: Clock;
	private readonly entries = new Map<string, Entry>();
	private readonly loading = new Map<string, Load>();
	private readonly unsubscribe: () => void;
	private remembered = 0;

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
			this.entries.delete(apiKey);
		}
		return this.loading.get(apiKey)?.usable ?? this.startLoad(apiKey);
	}

	close(): void {
		this.unsubscribe();
	}

	/** What fails here fails again, for someone to see, once the entry's time is over. */
	private renew(apiKey: string, known: UsableKey | null): void {
		if (this.loading.has(apiKey)) return;
		this.startLoad(apiKey, known).catch(() => undefined);
	}

	private drop(apiKey: string): void {
		this.entries.delete(apiKey);
		const load = this.loading.get(apiKey);
		if (load !== undefined) load.current = false;
		this.loading.delete(apiKey);
	}

	/** @param known what was read before: a secret that is open stays so */
	private startLoad(apiKey: string, known: UsableKey | null = null): Promise<UsableKey | null> {
		// Counted from before the look-up: what is read may be as old as that.
		const started = this.clock.monotonicMs();
		const load: Load = { current: true, usable: this.read(apiKey, known) };
		this.loading.set(apiKey, load);
		const settle = (usable?: UsableKey | null) => {
			if (!load.current) return;
			this.loading.delete(apiKey);
			if (usable === undefined) return;
			this.remember(apiKey, this.entryOf(usable, started));
		};
		load.usable.then(settle, () => settle());
		return load.usable;
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
