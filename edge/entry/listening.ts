/** Where to listen. */
export interface ListenOn {
	readonly hostname: string;
	/** 0: the system chooses. */
	readonly port: number;
}

/** What a client of /ws-api/v3 may leave unread before it is closed. */
export const BACKPRESSURE_LIMIT_BYTES = 4 << 20;

/** Something that takes requests. */
export interface Listening {
	readonly port: number;
	/** Takes no more; requests under way are finished, for at most this long. */
	stop(graceMs: number): Promise<void>;
}

/** "http://127.0.0.1:3000": every address is written as the one that a person would type. */
export function urlOf(hostname: string, port: number): string {
	if (hostname === "0.0.0.0" || hostname === "::") return `http://127.0.0.1:${port}`;
	return hostname.includes(":") ? `http://[${hostname}]:${port}` : `http://${hostname}:${port}`;
}
