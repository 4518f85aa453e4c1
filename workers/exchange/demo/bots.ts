import type { DemoUser } from "./demo-users.ts";
import type { MarketMakerStart } from "./market-maker.ts";

/** A narrow and a wide ladder; the wide one takes more often. */
const STYLES = [
	{ spreadPpm: 120, takesOf100: 20 },
	{ spreadPpm: 260, takesOf100: 40 },
] as const;

/** Starts one market-making bot per user, each in a thread of its own; the result stops them. */
export function startBots(users: readonly DemoUser[], base: string): () => void {
	const threads = users.map(({ apiKey, secret }, i) => {
		const thread = new Worker(new URL("./market-maker.ts", import.meta.url).href);
		const start: MarketMakerStart = {
			...{ base, apiKey, secret },
			...(STYLES[i % STYLES.length] as (typeof STYLES)[number]),
		};
		thread.postMessage(start);
		return thread;
	});
	return () => {
		for (const thread of threads) thread.terminate();
	};
}
