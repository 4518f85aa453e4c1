import { type AskedMarketData, marketDataMethods } from "../../schemas/link/market-data-methods.ts";
import type { MarketData } from "../../schemas/ports/market-data.ts";
import type { VenueView } from "../../schemas/venue-config.ts";
import type { Answered, Question } from "./worker-link.ts";

/** A question about a symbol: whom it goes to, the gateway knows. */
export type MarketDataQuestion<A extends readonly unknown[], V> = Pick<
	Question<A, V>,
	"name" | "method" | "args"
>;

/** Asks the worker that has the symbol's partition. */
export type AskAbout = (
	symbolId: number,
	question: MarketDataQuestion<readonly unknown[], unknown>,
) => Promise<Answered<unknown>>;

/** Market data as if it were here: `venue` and the average price from memory, the rest is asked. */
export function linkedMarketData(
	venue: VenueView,
	averagePrice: MarketData["averagePrice"],
	ask: AskAbout,
): MarketData {
	const asked = Object.entries(marketDataMethods).map(([name, method]) => [
		name,
		(...args: readonly unknown[]) =>
			ask(args[0] as number, { name, method, args } as never).then(({ value }) => value),
	]);
	return { ...(Object.fromEntries(asked) as AskedMarketData), averagePrice, venue };
}
