import type { TimeUnit } from "../../schemas/api/time-unit.ts";
import { askedTimeUnit } from "../http/time-unit.ts";

/** Where the WebSocket API is. */
export const WS_API_PATH = "/ws-api/v3";

/** One WebSocket of the runtime, as far as a session needs it. */
export interface WsSocket {
	send(text: string): void;
	close(code: number, reason: string): void;
	/** Absent where the runtime pings by itself. */
	readonly heart?: Heart;
}

/** How a session finds out whether its client still lives, and reads. */
export interface Heart {
	/** @param payload what the pong brings back */
	ping(payload: string): void;
	/** Closes without a word to a client that does not answer. */
	cut(): void;
}

/** What is known of a connection when it is opened. */
export interface WsConnection {
	/** The peer's address. */
	readonly ip: string;
	/** Raw query of the URL it connected to: "returnRateLimits=false". */
	readonly query: string;
	/** Of the request that was upgraded; null where there is none. */
	readonly headers: Headers | null;
}

/** A connection to /ws-api/v3. */
export interface WsApiSession {
	/** A text frame came. */
	receive(text: string): void;
	/** A pong came, with this. */
	pong(payload: string): void;
	/** The connection is gone. */
	closed(): void;
}

/** What the URL of a connection asks for. */
export interface SessionOptions {
	/** Replies show the state of the limits, unless a request says otherwise. */
	readonly showsLimits: boolean;
	readonly unit: TimeUnit;
}

/** @throws ApiError -1194 for a time unit that is none */
export function sessionOptions(query: string): SessionOptions {
	const asked = new URLSearchParams(query);
	return {
		showsLimits: asked.get("returnRateLimits") !== "false",
		unit: askedTimeUnit(asked.get("timeUnit")),
	};
}
