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
	/**
	 * Takes no more; requests under way are finished, for at most this long.
	 *
	 * @param answered resolves when other connections are done
	 */
	stop(graceMs: number, answered?: Promise<void>): Promise<void>;
}

/** How long clients are asked to leave, ms; a balancer finds out meanwhile, too. */
const LEAVING_MS = 1_000;

/**
 * A listener that closes cuts what is on its way to it on connections that are open: a client cannot tell that
 * from an order that was taken. So each connection is asked first to leave, by its next answer.
 *
 * @param begin from here on answers go through `lastAnswer`
 */
export function leavingFirst(listener: Listening, begin: () => void): Listening {
	const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
	return {
		port: listener.port,
		async stop(graceMs, answered = Promise.resolve()) {
			const startedMs = performance.now();
			begin();
			const haveLeft = Promise.all([pause(LEAVING_MS), answered]);
			await Promise.race([haveLeft, pause(graceMs)]);
			await listener.stop(Math.max(0, graceMs - (performance.now() - startedMs)));
		},
	};
}

/** The same answer, after which its client uses another connection. */
export function lastAnswer(response: Response): Response {
	response.headers.set("connection", "close");
	return response;
}

/** To whoever would open a WebSocket while others leave. */
export function goElsewhere(): Response {
	return lastAnswer(new Response(null, { status: 503, headers: { "retry-after": "1" } }));
}

/** "http://127.0.0.1:3000": every address is written as the one that a person would type. */
export function urlOf(hostname: string, port: number): string {
	if (hostname === "0.0.0.0" || hostname === "::") return `http://127.0.0.1:${port}`;
	return hostname.includes(":") ? `http://[${hostname}]:${port}` : `http://${hostname}:${port}`;
}
