/**
 * Which process does what only one may do. A lease runs out by the store's clock when its holder does
 * not take it again in time. It only decides who tries: what makes two at once harmless is elsewhere.
 */
export interface Leases {
	/**
	 * Takes the lease when nobody holds it, or keeps it for its holder, for `ttlMs` from now. False while
	 * it is another's.
	 *
	 * @param holder unique to a process' life
	 * @throws LedgerUnavailable when the outcome is unknown
	 */
	take(name: string, holder: string, ttlMs: number): Promise<boolean>;
	/**
	 * Gives it back: another may take it at once. Nothing happens when it is another's.
	 *
	 * @throws LedgerUnavailable
	 */
	release(name: string, holder: string): Promise<void>;
	close(): Promise<void>;
}
