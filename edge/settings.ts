/** Limits and names of the edge; the entry file fills them from the environment. */
export interface EdgeSettings {
	/** REQUEST_WEIGHT per IP and minute. */
	readonly requestWeightPerMinute: number;
	/** RAW_REQUESTS per IP and five minutes. */
	readonly rawRequestsPer5Minutes: number;
	/** ORDERS per account, as the account worker counts them; shown in exchangeInfo. */
	readonly ordersPer10Seconds: number;
	readonly ordersPerDay: number;
	/** WebSocket connections per IP and five minutes. */
	readonly connectionsPer5Minutes: number;
	/** Bytes of a request body. */
	readonly maxBodyBytes: number;
	/** Longest wait for an engine's answer, then -1007. */
	readonly engineWaitMs: number;
	/** Take X-Forwarded-For's last hop as the client's address (behind a balancer only). */
	readonly trustForwardedFor: boolean;
	/** Sign-ups from the public API; false leaves them to the operator. */
	readonly signUpOpen: boolean;
}
