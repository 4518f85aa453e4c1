import { expect, test } from "bun:test";
import {
	averagePricePayload,
	klinePayload,
	tradePayload,
} from "../../schemas/api/stream-payload.ts";
import { btcUsdt } from "../../schemas/testing/symbols.ts";
import { formNumber, inForm, PAYLOAD_FORMS } from "./payload-form.ts";

const micro = { combined: false, unit: "MICROSECOND" } as const;

test("a form's number is its place", () => {
	expect(PAYLOAD_FORMS.map(formNumber)).toEqual([0, 1, 2, 3]);
});

test("combined wraps, raw leaves as it is", () => {
	expect(PAYLOAD_FORMS.slice(0, 2).map((form) => inForm(form, "a@b", '{"u":1}'))).toEqual([
		'{"u":1}',
		'{"stream":"a@b","data":{"u":1}}',
	]);
});

test("microseconds change times and nothing else", () => {
	const trade = {
		symbolId: 1,
		tradeId: 1_700_000_000_000,
		priceTicks: 1,
		qtyLots: 1,
		ts: 1_700_000_000_001,
		buyerIsMaker: false,
	};
	expect(
		JSON.parse(inForm(micro, "s", tradePayload(btcUsdt, trade, 1_700_000_000_002))),
	).toMatchObject({
		t: 1_700_000_000_000,
		T: 1_700_000_000_001_000,
		E: 1_700_000_000_002_000,
	});
	const kline = {
		symbolId: 1,
		interval: "1m" as const,
		openTimeMs: 1_700_000_040_000,
		closeTimeMs: 1_700_000_099_999,
		openTicks: 1,
		highTicks: 1,
		lowTicks: 1,
		closeTicks: 1,
		volumeLots: 1n,
		quoteTickLots: 1n,
		takerBuyLots: 0n,
		takerBuyTickLots: 0n,
		trades: 1,
		firstTradeId: 1,
		lastTradeId: 1,
		closed: true,
	};
	const bar = JSON.parse(inForm(micro, "s", klinePayload(btcUsdt, kline, 5)));
	expect([bar.E, bar.k.t, bar.k.T, bar.k.f]).toEqual([
		5_000, 1_700_000_040_000_000, 1_700_000_099_999_999, 1,
	]);
	const average = { mins: 5, volumeLots: 1n, quoteTickLots: 1n, lastTicks: 1, closeTimeMs: 7 };
	const sent = JSON.parse(inForm(micro, "s", averagePricePayload(btcUsdt, average, "5m", 8)));
	expect([sent.E, sent.T]).toEqual([8_000, 7_000]);
	const tickers = '[{"e":"24hrMiniTicker","E":1,"c":"2"},{"e":"24hrMiniTicker","E":2,"c":"2"}]';
	expect(JSON.parse(inForm(micro, "s", tickers))).toMatchObject([{ E: 1_000 }, { E: 2_000 }]);
	expect(inForm(micro, "s", '{"u":1,"s":"BTCUSDT"}')).toBe('{"u":1,"s":"BTCUSDT"}');
});
