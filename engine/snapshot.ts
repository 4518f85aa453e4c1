import type { Side, StpMode } from "../schemas/order.ts";
import type { RestingOrder } from "./book.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Market } from "./market.ts";
import type { MarketRules } from "./market-rules.ts";
import type { StopOrder } from "./stops.ts";

/** The number fields of a stop, in the order of the bytes. */
const STOP_FIELDS = [
	"orderId",
	"userId",
	"side",
	"type",
	"timeInForce",
	"priceTicks",
	"qtyLots",
	"capTickLots",
	"stopPriceTicks",
	"displayLots",
	"stpMode",
	"makerFeePpm",
	"takerFeePpm",
] as const satisfies readonly (keyof StopOrder)[];

/** In the place of an order id, the end of a list: ids start at 1. */
export const NO_ORDER = 0;

export function writeRules(rules: MarketRules, to: ByteWriter): void {
	to.number(rules.symbolId);
	to.text(rules.symbol);
	to.number(rules.partition);
	to.number(rules.baseAssetId);
	to.number(rules.quoteAssetId);
	to.text(rules.tickSize);
	to.text(rules.lotSize);
	to.number(rules.quoteUnitsPerTickLot);
	to.number(rules.baseUnitsPerLot);
	to.number(rules.maxPriceTicks);
	to.number(rules.maxQtyLots);
	to.number(rules.tickTicks);
	to.number(rules.stepLots);
	to.number(rules.state);
}

export function readRules(from: ByteReader): MarketRules {
	return {
		symbolId: from.number(),
		symbol: from.text(),
		partition: from.number(),
		baseAssetId: from.number(),
		quoteAssetId: from.number(),
		tickSize: from.text(),
		lotSize: from.text(),
		quoteUnitsPerTickLot: from.number(),
		baseUnitsPerLot: from.number(),
		maxPriceTicks: from.number(),
		maxQtyLots: from.number(),
		tickTicks: from.number(),
		stepLots: from.number(),
		state: from.number() as MarketRules["state"],
	};
}

/** A market's counters and stops; its rules are written before, its resting orders after. */
export function writeCounters({ tape, stops }: Market, to: ByteWriter): void {
	to.number(tape.tradeId);
	to.number(tape.preventedMatchId);
	to.number(tape.updateId);
	to.number(tape.lastTicks);
	to.number(stops.count);
	for (const stop of stops.orders()) for (const field of STOP_FIELDS) to.number(stop[field]);
}

export function readMarket(market: Market, from: ByteReader): void {
	const { tape, stops, book } = market;
	tape.tradeId = from.number();
	tape.preventedMatchId = from.number();
	tape.updateId = from.number();
	tape.lastTicks = from.number();
	const count = from.number();
	for (let i = 0; i < count; i += 1) {
		const stop: Record<string, number> = {};
		for (const field of STOP_FIELDS) stop[field] = from.number();
		stops.add(stop as unknown as StopOrder);
	}
	for (let orderId = from.number(); orderId !== NO_ORDER; orderId = from.number()) {
		book.load(readOrder(orderId, from));
	}
}

export function writeOrder(order: RestingOrder, to: ByteWriter): void {
	to.number(order.orderId);
	to.number(order.userId);
	to.number(order.side);
	to.number(order.priceTicks);
	to.number(order.qtyLots);
	to.number(order.leavesLots);
	to.number(order.visibleLots);
	to.number(order.displayLots);
	to.number(order.stpMode);
	to.number(order.makerFeePpm);
	to.number(order.traded ? 1 : 0);
}

function readOrder(orderId: number, from: ByteReader): RestingOrder {
	return {
		orderId,
		userId: from.number(),
		side: from.number() as Side,
		priceTicks: from.number(),
		qtyLots: from.number(),
		leavesLots: from.number(),
		visibleLots: from.number(),
		displayLots: from.number(),
		stpMode: from.number() as StpMode,
		makerFeePpm: from.number(),
		traded: from.number() === 1,
	};
}
