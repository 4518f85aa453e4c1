import { expect, test } from "bun:test";
import { HUGE, sampleOrder } from "./contract/ledger-samples.ts";
import { orderDocument, orderOfDocument } from "./order-document.ts";

/** Every field with a value of its own, so that none can stand for another. */
const order = sampleOrder(19, {
	...{ side: 1, type: 6, timeInForce: 2, byQuote: true, priceTicks: 104, qtyLots: 105 },
	...{ capTickLots: 106, stopPriceTicks: 107, displayLots: 108, stpMode: 5, makerFeePpm: 110 },
	...{ takerFeePpm: 111, clientOrderId: 'a"b', clientIdGiven: false, strategyId: 114 },
	...{ strategyType: 115, partition: 116, symbolId: 117, shard: 118, orderId: 120, userId: 121 },
	...{ status: 7, expiryReason: 4, cumQtyLots: 124, cumTickLots: 125, preventedLots: 126 },
	...{ preventedTickLots: 127, preventedMatchId: 128, holdAssetId: 129, heldAmount: HUGE },
	...{ createdAtMs: 130, updatedAtMs: 131, workingAtMs: 132, evSeq: 133 },
});

test("the places of the fields are those that the rows of a database have", () => {
	expect(JSON.parse(orderDocument(order))).toEqual([
		...[1, 6, 2, true, 104, 105, 106, 107, 108, 5, 110, 111, 'a"b', false, 114, 115, 116, 117],
		...[118, 19, 120, 121, 7, 4, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133],
	]);
});

test("an order comes back from its document and what it holds", () => {
	expect(orderOfDocument(orderDocument(order), HUGE)).toEqual(order);
});
