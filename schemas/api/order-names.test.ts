import { expect, test } from "bun:test";
import {
	CancelReplaceMode,
	CancelRestriction,
	ExpiryReason,
	OrderStatus,
	OrderType,
	Side,
	StpMode,
	SymbolState,
	TimeInForce,
} from "../order.ts";
import * as names from "./order-names.ts";

/** LimitMaker → LIMIT_MAKER: Binance's spelling of most words is ours in capitals. */
function capitals(word: string): string {
	return word.replace(/(?<!^)[A-Z]/g, "_$&").toUpperCase();
}

test.each([
	["side", Side, names.SIDE_NAMES, names.sideOf],
	["type", OrderType, names.ORDER_TYPE_NAMES, names.orderTypeOf],
	["timeInForce", TimeInForce, names.TIME_IN_FORCE_NAMES, names.timeInForceOf],
	["stp", StpMode, names.STP_MODE_NAMES, names.stpModeOf],
	["symbol state", SymbolState, names.SYMBOL_STATE_NAMES, names.symbolStateOf],
	[
		"cancelReplaceMode",
		CancelReplaceMode,
		names.CANCEL_REPLACE_MODE_NAMES,
		names.cancelReplaceModeOf,
	],
] as const)(
	"%s: every word has Binance's name, and the name gives the word back",
	(_, words, list, of) => {
		for (const [word, value] of Object.entries(words)) {
			expect(list[value as 0]).toBe(capitals(word) as never);
			expect(of(capitals(word))).toBe(value);
		}
		expect(list).toHaveLength(Object.keys(words).length);
		expect(of("limit")).toBeUndefined();
	},
);

test("statuses and cancel restrictions", () => {
	for (const [word, value] of Object.entries(OrderStatus)) {
		const name = word === "Pending" ? "PENDING_NEW" : capitals(word);
		expect(names.ORDER_STATUS_NAMES[value]).toBe(name as never);
	}
	expect(names.cancelRestrictionOf("ONLY_NEW")).toBe(CancelRestriction.OnlyNew);
	expect(names.cancelRestrictionOf("ONLY_PARTIALLY_FILLED")).toBe(
		CancelRestriction.OnlyPartiallyFilled,
	);
});

test("an expiry reason is shown only where Binance has a word for it", () => {
	expect(Object.values(ExpiryReason).map(names.expiryReasonName)).toEqual([
		undefined,
		"UNFILLED_IOC_QUANTITY_EXPIRED",
		"UNFILLED_FOK_ORDER_EXPIRED",
		"INSUFFICIENT_LIQUIDITY",
		undefined,
	]);
});
