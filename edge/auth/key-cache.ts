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
}

interface Load {
	/** False once a change of the key was announced: what was read may be older. */
	current: boolean;
	usable: Promise<UsableKey | null>;
}

const KNOWN_MS = 5_000;
const UNKNOWN_MS = 1_000;
/** So that made-up keys cannot fill the memory. */
const MAX_ENTRIES = 20_000;

/**
 * API keys with their secrets open, for at most five seconds, so that a lost `keyChanges` message
 * costs no more than that. Unknown keys are remembered for one second. Several calls that miss the
 * same key wait for one look-up.
 */
export class KeyCache {
	private readonly users: Users;
	private readonly secretBox: SecretBox;
	private readonly clock: Clock;
	private readonly entries = new Map<string, Entry>();
	private readonly loading = new Map<string, Load>();
	private readonly unsubscribe: () => void;

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
			if (this.clock.monotonicMs() < entry.until) return entry.usable;
			this.entries.delete(apiKey);
		}
		return this.loading.get(apiKey)?.usable ?? this.startLoad(apiKey);
	}

	close(): void {
		this.unsubscribe();
	}

	private drop(apiKey: string): void {
		this.entries.delete(apiKey);
		const load = this.loading.get(apiKey);
		if (load !== undefined) load.current = false;
		this.loading.delete(apiKey);
	}

	private startLoad(apiKey: string): Promise<UsableKey | null> {
		// Counted from before the look-up: what is read may be as old as that.
		const started = this.clock.monotonicMs();
		const load: Load = { current: true, usable: this.read(apiKey) };
		this.loading.set(apiKey, load);
		const settle = (usable?: UsableKey | null) => {
			if (!load.current) return;
			this.loading.delete(apiKey);
			if (usable === undefined) return;
			const kept = usable === null ? UNKNOWN_MS : KNOWN_MS;
			this.remember(apiKey, { usable, until: started + kept });
		};
		load.usable.then(settle, () => settle());
		return load.usable;
	}

	private async read(apiKey: string): Promise<UsableKey | null> {
		const key = await this.users.keyByText(apiKey);
		if (key === null || key.revoked) return null;
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
