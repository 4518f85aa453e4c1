/** Small values that expire: sessions, listen keys, counters. Redis in the cluster. May lose all. */
export interface KeyValue {
	get(key: string): Promise<string | null>;
	set(key: string, value: string, ttlMs: number): Promise<void>;
	delete(key: string): Promise<void>;
	/** Adds to a counter, made with this time to live if it is new; resolves with the new value. */
	increment(key: string, by: number, ttlMs: number): Promise<number>;
}
