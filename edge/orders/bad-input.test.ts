import { describe, expect, test } from "bun:test";
import { SymbolState } from "../../schemas/order.ts";
import { btc, btcUsdt, eth, ethBtc, usdt } from "../../schemas/testing/symbols.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { call, errorOf, fakeServices } from "../testing/ops-fakes.ts";
import { cancelOrder } from "./cancel-order.ts";
import { placeOrder } from "./place-order.ts";
import { queryOrder } from "./query-order.ts";
import { testOrder } from "./test-order.ts";

const LIMIT = {
	symbol: "BTCUSDT",
	side: "BUY",
	type: "LIMIT",
	timeInForce: "GTC",
	quantity: "0.001",
	price: "60000",
};
const MARKET = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.001" };
const STOP = {
	symbol: "BTCUSDT",
	side: "SELL",
	type: "STOP_LOSS",
	quantity: "0.001",
	stopPrice: "50000",
};

/** Without an account worker: a call that got that far would fail with a TypeError. */
const services = fakeServices();

function without(params: object, name: string): Record<string, unknown> {
	return Object.fromEntries(Object.entries(params).filter(([key]) => key !== name));
}

const ROWS: readonly [string, Record<string, unknown>, number, RegExp][] = [
	["unknown symbol", { ...LIMIT, symbol: "NOPE" }, -1121, /^Invalid symbol\.$/],
	["symbol in lower case", { ...LIMIT, symbol: "btcusdt" }, -1100, /'symbol'/],
	["symbol missing", without(LIMIT, "symbol"), -1102, /'symbol'/],
	["side missing", without(LIMIT, "side"), -1102, /'side'/],
	["side unknown", { ...LIMIT, side: "LONG" }, -1117, /^Invalid side\.$/],
	["type missing", without(LIMIT, "type"), -1102, /'type'/],
	["type unknown", { ...LIMIT, type: "limit" }, -1116, /^Invalid orderType\.$/],
	["time in force missing", without(LIMIT, "timeInForce"), -1102, /'timeInForce'/],
	["time in force unknown", { ...LIMIT, timeInForce: "GTX" }, -1115, /^Invalid timeInForce\.$/],
	["price missing", without(LIMIT, "price"), -1102, /'price'/],
	["quantity missing", without(LIMIT, "quantity"), -1102, /'quantity'/],
	["wrong tick", { ...LIMIT, price: "60000.001" }, -1013, /PRICE_FILTER$/],
	["wrong lot", { ...LIMIT, quantity: "0.000011" }, -1013, /LOT_SIZE$/],
	["price with 9 decimals", { ...LIMIT, price: "60000.000000001" }, -1111, /'price' has too much/],
	["quantity with 9 decimals", { ...LIMIT, quantity: "0.001000001" }, -1111, /'quantity'/],
	["exponent", { ...LIMIT, price: "6e4" }, -1100, /'price'; legal range is/],
	["negative price", { ...LIMIT, price: "-60000" }, -1100, /'price'/],
	["negative quantity", { ...LIMIT, quantity: "-1" }, -1100, /'quantity'/],
	["plus sign", { ...LIMIT, quantity: "+1" }, -1100, /'quantity'/],
	["NaN", { ...LIMIT, quantity: "NaN" }, -1100, /'quantity'/],
	["Infinity", { ...LIMIT, price: "Infinity" }, -1100, /'price'/],
	["hexadecimal", { ...LIMIT, price: "0x10" }, -1100, /'price'/],
	["space", { ...LIMIT, price: " 60000" }, -1100, /'price'/],
	["comma", { ...LIMIT, price: "60,000" }, -1100, /'price'/],
	["no digits before the point", { ...LIMIT, price: ".5" }, -1100, /'price'/],
	["line feed at the end", { ...LIMIT, price: "60000\n" }, -1100, /'price'/],
	["digits of another script", { ...LIMIT, price: "٦٠٠٠٠" }, -1100, /'price'/],
	["zero price", { ...LIMIT, price: "0.00" }, -1013, /PRICE_FILTER$/],
	["zero quantity", { ...LIMIT, quantity: "0" }, -1013, /LOT_SIZE$/],
	["huge price", { ...LIMIT, price: "99999999999999999999" }, -1013, /PRICE_FILTER$/],
	["huge quantity", { ...LIMIT, quantity: "99999999999999999999" }, -1013, /LOT_SIZE$/],
	["more than 20 digits", { ...LIMIT, quantity: "9".repeat(21) }, -1100, /'quantity'/],
	["dust", { ...LIMIT, quantity: "0.00001" }, -1013, /: NOTIONAL$/],
	["price far above the average", { ...LIMIT, price: "300001" }, -1013, /PERCENT_PRICE_BY_SIDE$/],
	["market with a price", { ...MARKET, price: "1" }, -1106, /'price' sent when not required/],
	["market with a time in force", { ...MARKET, timeInForce: "GTC" }, -1106, /'timeInForce'/],
	[
		"market without a quantity",
		without(MARKET, "quantity"),
		-1102,
		/'quantity' or 'quoteOrderQty'/,
	],
	["market with both", { ...MARKET, quoteOrderQty: "10" }, -1128, /Combination/],
	["market too large", { ...MARKET, quantity: "100.00001" }, -1013, /MARKET_LOT_SIZE$/],
	["market below the notional", { ...MARKET, quantity: "0.00008" }, -1013, /: NOTIONAL$/],
	[
		"quote amount too small",
		{ ...without(MARKET, "quantity"), quoteOrderQty: "4.99" },
		-1013,
		/: NOTIONAL$/,
	],
	[
		"quote amount of zero",
		{ ...without(MARKET, "quantity"), quoteOrderQty: "0" },
		-1013,
		/: NOTIONAL$/,
	],
	[
		"quote amount huge",
		{ ...without(MARKET, "quantity"), quoteOrderQty: "9".repeat(20) },
		-1013,
		/: NOTIONAL$/,
	],
	[
		"quote amount too fine",
		{ ...without(MARKET, "quantity"), quoteOrderQty: "10.000000001" },
		-1111,
		/'quoteOrderQty'/,
	],
	["limit with a quote amount", { ...LIMIT, quoteOrderQty: "10" }, -1106, /'quoteOrderQty'/],
	["limit with a stop price", { ...LIMIT, stopPrice: "10" }, -1106, /'stopPrice'/],
	["post-only with a time in force", { ...LIMIT, type: "LIMIT_MAKER" }, -1106, /'timeInForce'/],
	["stop without its price", without(STOP, "stopPrice"), -1102, /'stopPrice'/],
	["stop with a limit", { ...STOP, price: "1" }, -1106, /'price'/],
	["stop at zero", { ...STOP, stopPrice: "0" }, -1013, /PRICE_FILTER$/],
	["iceberg of nothing", { ...LIMIT, icebergQty: "0.0" }, -1013, /LOT_SIZE$/],
	["stop at a wrong tick", { ...STOP, stopPrice: "0.001" }, -1013, /PRICE_FILTER$/],
	[
		"stop-limit without a limit",
		{ ...STOP, type: "STOP_LOSS_LIMIT", timeInForce: "GTC" },
		-1102,
		/'price'/,
	],
	["iceberg larger than the order", { ...LIMIT, icebergQty: "0.002" }, -2010, /IcebergQty exceeds/],
	[
		"iceberg in too many parts",
		{ ...LIMIT, quantity: "0.011", icebergQty: "0.001" },
		-1013,
		/ICEBERG_PARTS$/,
	],
	[
		"iceberg that may not rest",
		{ ...LIMIT, timeInForce: "IOC", icebergQty: "0.001" },
		-1106,
		/'icebergQty'/,
	],
	["trailing stop", { ...STOP, trailingDelta: "10" }, -2010, /Trailing stop orders are not/],
	[
		"trailing stop without a stop price",
		{ ...without(STOP, "stopPrice"), trailingDelta: "10" },
		-2010,
		/^Trailing stop orders are not supported for this symbol\.$/,
	],
	[
		"pegged order without a price",
		{ ...without(LIMIT, "price"), pegPriceType: "PRIMARY_PEG" },
		-2010,
		/^Pegged orders are not supported for this symbol\.$/,
	],
	["pegged order", { ...LIMIT, pegPriceType: "PRIMARY_PEG" }, -2010, /Pegged orders are not/],
	[
		"client id too long",
		{ ...LIMIT, newClientOrderId: "x".repeat(37) },
		-1100,
		/'newClientOrderId'/,
	],
	["client id with a space", { ...LIMIT, newClientOrderId: "a b" }, -1100, /'newClientOrderId'/],
	["response type unknown", { ...LIMIT, newOrderRespType: "ALL" }, -1130, /'newOrderRespType'/],
	["STP mode unknown", { ...LIMIT, selfTradePreventionMode: "X" }, -1130, /'selfTradePrevention/],
	["strategy type too small", { ...LIMIT, strategyType: "999999" }, -1134, /strategyType/],
];

describe("an order that cannot be", () => {
	test.each(ROWS)("%s", async (_name, params, code, msg) => {
		const placed = await errorOf(call(services, placeOrder, params));
		expect(placed).toEqual({ code, msg: expect.stringMatching(msg), status: 400 });
		expect(await errorOf(call(services, testOrder, params))).toEqual(placed);
	});

	test("order/test says when the market is closed", async () => {
		const venue = new VenueConfig({
			assets: [btc, eth, usdt],
			symbols: [{ ...btcUsdt, state: SymbolState.CancelOnly }, ethBtc],
		});
		const closed = fakeServices({ marketData: { venue } });
		expect(await errorOf(call(closed, testOrder, LIMIT))).toEqual({
			code: -2010,
			msg: "Market is closed.",
			status: 400,
		});
	});
});

test.each([
	["neither id", { symbol: "BTCUSDT" }, -1102],
	["an id that is no number", { symbol: "BTCUSDT", orderId: "1e3" }, -1100],
	["the id 0", { symbol: "BTCUSDT", orderId: "0" }, -1130],
	["an id beyond any", { symbol: "BTCUSDT", orderId: "9".repeat(20) }, -1130],
	["a negative id", { symbol: "BTCUSDT", orderId: "-1" }, -1100],
	["an unknown symbol", { symbol: "NOPE", orderId: "1" }, -1121],
])("cancel and query refuse %s", async (_name, params, code) => {
	for (const operation of [cancelOrder, queryOrder]) {
		expect(await errorOf(call(services, operation, params))).toMatchObject({ code, status: 400 });
	}
});

test("a cancel with a restriction nobody knows", async () => {
	const params = { symbol: "BTCUSDT", orderId: "1", cancelRestrictions: "ONLY_OLD" };
	expect(await errorOf(call(services, cancelOrder, params))).toMatchObject({ code: -1145 });
});
