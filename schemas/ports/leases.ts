/** How a lease stands. */
export interface LeaseState {
	readonly isMine: boolean;
	/** Grows with each sign of life of its holder. */
	readonly beats: number;
	/** False where the store sees that the connection of its holder's last beat has ended: he has died, or beats by another. */
	readonly isConnected: boolean;
}

/**
 * Which process does what only one may do. The store has no clock in this: whoever stands by sees that
 * the holder's beats stand still, for as long as he himself has looked. So a store that was away makes
 * nobody look dead. A lease only decides who tries; what makes two at once harmless is elsewhere.
 */
export interface Leases {
	/**
	 * The holder's sign of life; or takes the lease when nobody holds it, or when its beats are still
	 * those of a holder who is thought dead.
	 *
	 * @param holder unique to a process' life
	 * @param deadBeats null: whoever holds it lives
	 * @throws LedgerUnavailable when the outcome is unknown
	 */
	take(name: string, holder: string, deadBeats: number | null): Promise<LeaseState>;
	/**
	 * Gives it back: another may take it at once. Nothing happens when it is another's.
	 *
	 * @throws LedgerUnavailable
	 */
	release(name: string, holder: string): Promise<void>;
	close(): Promise<void>;
}
