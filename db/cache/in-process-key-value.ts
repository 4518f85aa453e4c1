import { invariant } from "../../schemas/invariant.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { KeyValue } from "../../schemas/ports/key-value.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";

interface Entry {
	readonly value: string;
	/** Of the monotonic clock. */
	readonly expiresAtMs: number;
}

/** How often expired entries nobody asks for are thrown away, ms. */
const SWEEP_MS = 10_000;

/** Values that expire, in this process's memory: gone with it, as a flushed Redis would be. */
export class InProcessKeyValue implements KeyValue {
	private readonly clock: Clock;
	private readonly entries = new Map<string, Entry>();
	private readonly stopSweeping: Cancel;

	constructor(options: { readonly clock: Clock; readonly scheduler: Scheduler }) {
		this.clock = options.clock;
		this.stopSweeping = options.scheduler.every(SWEEP_MS, () => this.sweep());
	}

	async get(key: string): Promise<string | null> {
		return this.live(key)?.value ?? null;
	}

	async set(key: string, value: string, ttlMs: number): Promise<void> {
		this.entries.set(key, { value, expiresAtMs: this.expiry(ttlMs) });
	}

	async replace(
		key: string,
		before: string | null,
		value: string,
		ttlMs: number,
	): Promise<boolean> {
		if ((this.live(key)?.value ?? null) !== before) return false;
		this.entries.set(key, { value, expiresAtMs: this.expiry(ttlMs) });
		return true;
	}

	async renew(key: string, ttlMs: number): Promise<boolean> {
		const entry = this.live(key);
		if (entry === undefined) return false;
		this.entries.set(key, { value: entry.value, expiresAtMs: this.expiry(ttlMs) });
		return true;
	}

	async delete(key: string): Promise<void> {
		this.entries.delete(key);
	}

	async increment(key: string, by: number, ttlMs: number): Promise<number> {
		const entry = this.live(key);
		const value = Number(entry?.value ?? "0") + by;
		invariant(Number.isSafeInteger(value), "a counter holds a whole number");
		const expiresAtMs = entry?.expiresAtMs ?? this.expiry(ttlMs);
		this.entries.set(key, { value: String(value), expiresAtMs });
		return value;
	}

	/** How many entries are held, expired ones included: for metrics. */
	get size(): number {
		return this.entries.size;
	}

	close(): void {
		this.stopSweeping();
		this.entries.clear();
	}

	private expiry(ttlMs: number): number {
		invariant(ttlMs > 0, "a time to live is positive");
		return this.clock.monotonicMs() + ttlMs;
	}

	private live(key: string): Entry | undefined {
		const entry = this.entries.get(key);
		if (entry === undefined || entry.expiresAtMs > this.clock.monotonicMs()) return entry;
		this.entries.delete(key);
		return undefined;
	}

	private sweep(): void {
		const now = this.clock.monotonicMs();
		for (const [key, entry] of this.entries) {
			if (entry.expiresAtMs <= now) this.entries.delete(key);
		}
	}
}
