/** Limits of the market and user streams; a composition root fills them from the environment. */
export interface StreamsSettings {
	/** Control messages and pings a client may send within a second. */
	readonly messagesPerSecond: number;
	readonly streamsPerConnection: number;
	/** Attempts to connect, per IP and five minutes. */
	readonly connectionsPer5Minutes: number;
	readonly maxFrameBytes: number;
	/** What a client may leave unread before it is closed. */
	readonly backpressureLimitBytes: number;
	readonly pingEveryMs: number;
	/** A client that has not answered a ping for this long is dropped. */
	readonly pongWithinMs: number;
	readonly maxConnectionAgeMs: number;
	/** Market data comes ten times a second; without any for four of these, streams end. */
	readonly feedCheckEveryMs: number;
	/** Whether listen keys still live and user events are complete; below the minute they are kept. */
	readonly userCheckEveryMs: number;
}

/** Binance's limits, and ours where it names none. */
export const DEFAULT_STREAMS_SETTINGS: StreamsSettings = {
	messagesPerSecond: 5,
	streamsPerConnection: 1_024,
	connectionsPer5Minutes: 300,
	maxFrameBytes: 16_384,
	backpressureLimitBytes: 4_194_304,
	pingEveryMs: 20_000,
	pongWithinMs: 60_000,
	maxConnectionAgeMs: 86_400_000,
	feedCheckEveryMs: 500,
	userCheckEveryMs: 20_000,
};
