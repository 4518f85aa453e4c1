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

/** How long clients are asked to leave, ms; a balancer finds out meanwhile, too. */
const LEAVING_MS = 1_000;

/**
 * Stops a listener whose clients have been asked to leave, once they have had time to: one that closes cuts what is
 * on its way to it on connections that are open, and a client cannot tell that from an order that was taken.
 *
 * @param left resolves when other connections are done
 * @param graceMs longest wait for all of it
 */
export async function stopOnceLeft(
	listener: Listening,
	left: Promise<void>,
	graceMs: number,
): Promise<void> {
	const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
	const startedMs = performance.now();
	await Promise.race([Promise.all([pause(LEAVING_MS), left]), pause(graceMs)]);
	await listener.stop(Math.max(0, graceMs - (performance.now() - startedMs)));
}

/** "http://127.0.0.1:3000": every address is written as the one that a person would type. */
export function urlOf(hostname: string, port: number): string {
	if (hostname === "0.0.0.0" || hostname === "::") return `http://127.0.0.1:${port}`;
	return hostname.includes(":") ? `http://[${hostname}]:${port}` : `http://${hostname}:${port}`;
}
