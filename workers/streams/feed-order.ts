import type { MarketDataMessage } from "../../schemas/market.ts";

export type FeedStep = "first" | "next" | "repeated" | "broken";

/**
 * Whether the messages of the channel `market-data` follow one another, per partition: the channel may
 * lose and repeat, and a market-data worker that starts again begins a new run.
 */
export class FeedOrder {
	private readonly last = new Map<number, { readonly run: string; readonly seq: number }>();

	/**
	 * "broken" when something lies between the last message and this one, "first" when there was none
	 * before; it is the last from now on.
	 */
	step(message: MarketDataMessage): FeedStep {
		const last = this.last.get(message.partition);
		if (last !== undefined && last.run === message.run && message.seq <= last.seq) {
			return "repeated";
		}
		this.last.set(message.partition, { run: message.run, seq: message.seq });
		if (last === undefined) return "first";
		return last.run === message.run && message.seq === last.seq + 1 ? "next" : "broken";
	}
}
