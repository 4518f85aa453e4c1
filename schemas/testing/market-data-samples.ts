import * as fc from "fast-check";
import type { AskedMarketData } from "../link/market-data-methods.ts";
import { KLINE_INTERVALS } from "../market.ts";
import { among, amount, id, type Samples, signed } from "./link-samples.ts";

const bounds = { startMs: fc.option(id), endMs: fc.option(id), limit: id };
const range = fc.record({ fromId: fc.option(id), ...bounds });
const levels = fc.array(fc.tuple(id, id), { maxLength: 5 });
const interval = among(KLINE_INTERVALS);

export const marketDataSamples: Samples<AskedMarketData> = {
	depth: {
		args: fc.tuple(id, id),
		value: fc.record({ lastUpdateId: id, bids: levels, asks: levels }),
	},
	trades: {
		args: fc.tuple(id, range),
		value: fc.array(
			fc.record({
				symbolId: id,
				tradeId: id,
				priceTicks: id,
				qtyLots: id,
				ts: id,
				buyerIsMaker: fc.boolean(),
			}),
			{ maxLength: 3 },
		),
	},
	aggTrades: {
		args: fc.tuple(id, range),
		value: fc.array(
			fc.record({
				symbolId: id,
				aggTradeId: id,
				priceTicks: id,
				qtyLots: id,
				firstTradeId: id,
				lastTradeId: id,
				ts: id,
				buyerIsMaker: fc.boolean(),
			}),
			{ maxLength: 3 },
		),
	},
	klines: {
		args: fc.tuple(id, interval, fc.record(bounds), signed),
		value: fc.array(
			fc.record({
				symbolId: id,
				interval,
				openTimeMs: id,
				closeTimeMs: id,
				openTicks: id,
				highTicks: id,
				lowTicks: id,
				closeTicks: id,
				volumeLots: amount,
				quoteTickLots: amount,
				takerBuyLots: amount,
				takerBuyTickLots: amount,
				trades: id,
				firstTradeId: id,
				lastTradeId: id,
				closed: fc.boolean(),
			}),
			{ maxLength: 3 },
		),
	},
	ticker: {
		args: fc.tuple(id, id, id),
		value: fc.record({
			symbolId: id,
			openTicks: id,
			highTicks: id,
			lowTicks: id,
			lastTicks: id,
			lastQtyLots: id,
			prevCloseTicks: id,
			volumeLots: amount,
			quoteTickLots: amount,
			openTimeMs: id,
			closeTimeMs: id,
			firstTradeId: signed,
			lastTradeId: signed,
			trades: id,
		}),
	},
	bookTicker: {
		args: fc.tuple(id),
		value: fc.record({
			symbolId: id,
			updateId: id,
			bidTicks: id,
			bidLots: id,
			askTicks: id,
			askLots: id,
		}),
	},
	averagePrice: {
		args: fc.tuple(id),
		value: fc.record({
			mins: id,
			volumeLots: amount,
			quoteTickLots: amount,
			lastTicks: id,
			closeTimeMs: id,
		}),
	},
};
