/** The store did not answer; whether a change was made is unknown. */
export class KeyValueUnavailable extends Error {
	override readonly name = "KeyValueUnavailable";
}

/**
 * Small values that expire: sessions, listen keys, counters. Redis in the cluster. May lose all.
 *
 * Each call may throw KeyValueUnavailable.
 */
export interface KeyValue {
	get(key: string): Promise<string | null>;
	set(key: string, value: string, ttlMs: number): Promise<void>;
	/** Sets a value where there is this one before it, null: none; false, and nothing set, where there is not. */
	replace(key: string, before: string | null, value: string, ttlMs: number): Promise<boolean>;
	/** Gives a value its time to live anew; false when there is none. */
	renew(key: string, ttlMs: number): Promise<boolean>;
	delete(key: string): Promise<void>;
	/** Adds to a counter, made with this time to live if it is new; resolves with the new value. */
	increment(key: string, by: number, ttlMs: number): Promise<number>;
}
