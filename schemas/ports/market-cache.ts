/** A view of a symbol's market data as text; null takes away what was stored under its name. */
export type CachedView = readonly [name: string, text: string | null];

/**
 * Market data for readers who need not ask whoever makes it. Redis in the cluster. May lose all at any
 * time. A view holds as of its partition's position, and only together with it.
 *
 * Each call may throw KeyValueUnavailable.
 */
export interface MarketCache {
	/**
	 * Stores views and how far the partition has come, in one step. False when the position that this
	 * cache stored last is not there any more: views stored before may be lost, or another's.
	 *
	 * @param run of the market-data worker: views of one run never go with the position of another
	 */
	store(
		partition: number,
		run: string,
		evSeq: number,
		views: readonly CachedView[],
	): Promise<boolean>;
	/** The view, and the evSeq as of which it holds; null when there is none. */
	load(
		partition: number,
		name: string,
	): Promise<{ readonly evSeq: number; readonly text: string } | null>;
}
