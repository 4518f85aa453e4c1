/** How long a listen key lives without being extended, ms: Binance's 60 minutes. */
export const LISTEN_KEY_TTL_MS = 3_600_000;

/**
 * Listen keys open a user's data stream without a signature. They may be lost with the cache; the
 * client then asks for a new one.
 */
export interface ListenKeys {
	/** The user's living key, extended; a new one when there is none. 64 letters and digits. */
	create(userId: number): Promise<string>;
	/** False when there is no such key. */
	extend(key: string): Promise<boolean>;
	/** False when there was no such key. */
	close(key: string): Promise<boolean>;
	/** Closes the user's living key, if there is one. */
	closeOf(userId: number): Promise<void>;
	/** Whose living key this is; null when it is nobody's. */
	userOf(key: string): Promise<number | null>;
}
