/** Limits and names of the edge; the entry file fills them from the environment. */
export interface EdgeSettings {
	/** REQUEST_WEIGHT per IP and minute. */
	readonly requestWeightPerMinute: number;
	/** Other edges share the addresses' weights with this one, through the key-value store. */
	readonly sharesWeights: boolean;
	/** RAW_REQUESTS per IP and five minutes. */
	readonly rawRequestsPer5Minutes: number;
	/** ORDERS per account, as the account worker counts them; shown in exchangeInfo. */
	readonly ordersPer10Seconds: number;
	readonly ordersPerDay: number;
	/** WebSocket connections per IP and five minutes. */
	readonly connectionsPer5Minutes: number;
	/** Requests of one IP refused with 429 within five minutes before it is banned (418). */
	readonly refusalsBeforeBan: number;
	/** The first ban of an IP; each further one is four times as long, up to the longest. */
	readonly firstBanMs: number;
	readonly longestBanMs: number;
	/** Bytes of a request body. */
	readonly maxBodyBytes: number;
	/** Bytes of a frame on /ws-api/v3. */
	readonly maxFrameBytes: number;
	/** Requests of one WebSocket connection that are not answered yet; beyond, 429. */
	readonly maxPendingPerConnection: number;
	/** Longest wait for an engine's answer, then -1007. */
	readonly engineWaitMs: number;
	/** Take X-Forwarded-For's last hop as the client's address (behind a balancer only). */
	readonly trustForwardedFor: boolean;
	/** Sign-ups from the public API; false leaves them to the operator. */
	readonly signUpOpen: boolean;
	/** Sign-ups, sign-ins and other calls that take a password, of one IP within `signInWaitMs`. */
	readonly signInsPerIp: number;
	/** Passwords for one account from one IP, and codes for one account, that may be wrong within `signInWaitMs`. */
	readonly signInWrongTries: number;
	/** How long counts of sign-ins last. */
	readonly signInWaitMs: number;
	/** A session ends after this long without a request, and at the latest after `sessionLifeMs`. */
	readonly sessionIdleMs: number;
	readonly sessionLifeMs: number;
	/** API keys of one user that are not revoked. */
	readonly keysPerUser: number;
	/** Of the requests answered with a status below 400, one in this many is logged; 1 is all. */
	readonly logOneIn: number;
}

/** Binance's limits, and ours where it names none. */
export const DEFAULT_EDGE_SETTINGS: EdgeSettings = {
	requestWeightPerMinute: 6_000,
	sharesWeights: false,
	rawRequestsPer5Minutes: 300_000,
	ordersPer10Seconds: 50,
	ordersPerDay: 160_000,
	connectionsPer5Minutes: 300,
	refusalsBeforeBan: 200,
	firstBanMs: 120_000,
	longestBanMs: 259_200_000,
	maxBodyBytes: 65_536,
	maxFrameBytes: 16_384,
	maxPendingPerConnection: 1_000,
	engineWaitMs: 10_000,
	trustForwardedFor: false,
	signUpOpen: true,
	signInsPerIp: 50,
	signInWrongTries: 5,
	signInWaitMs: 300_000,
	sessionIdleMs: 1_800_000,
	sessionLifeMs: 43_200_000,
	keysPerUser: 30,
	logOneIn: 1,
};
