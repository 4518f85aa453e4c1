import { expect, test } from "bun:test";
import * as fc from "fast-check";
import * as v from "valibot";
import {
	allOrdersParams,
	amendOrderParams,
	cancelOrderParams,
	cancelReplaceParams,
	newOrderParams,
	queryOrderParams,
	testOrderParams,
} from "./order-params.ts";
import { fault, MALFORMED } from "./param-fault.ts";

const SCHEMAS = {
	newOrderParams,
	testOrderParams,
	cancelOrderParams,
	cancelReplaceParams,
	amendOrderParams,
	queryOrderParams,
	allOrdersParams,
};

/** Texts that are right for one parameter or another, nearly right, or wrong everywhere. */
const sent = fc.oneof(
	fc.constantFrom("BTCUSDT", "BUY", "SELL", "buy", "LIMIT", "MARKET", "GTC", "IOC", "GTX", "FULL"),
	fc.constantFrom("NONE", "EXPIRE_MAKER", "ONLY_NEW", "STOP_ON_FAILURE", "ALLOW_FAILURE", "true"),
	fc.constantFrom("", "0", "1", "007", "-1", "1.5", "0.00100", ".5", "5.", "1e3", "1000000", "NaN"),
	fc.constantFrom("9007199254740991", "9007199254740992", "1".repeat(20), "1".repeat(21), "a b"),
	fc.constantFrom("toString", "__proto__", "x".repeat(36), "x".repeat(37), "€", "1\n"),
	fc.stringMatching(/^[0-9]{1,6}(\.[0-9]{1,6})?$/),
);

/** Of a WebSocket frame or a broken caller. */
const strange = fc.constantFrom(null, undefined, 5, true, [], ["BTCUSDT"], {});

for (const [name, schema] of Object.entries(SCHEMAS)) {
	test(`${name}: the quick way gives what the schema gives, and refuses nothing by itself`, () => {
		const { entries } = schema as unknown as { entries: v.ObjectEntries };
		const plain = v.object(entries, fault(...MALFORMED));
		const keys = Object.keys(entries);
		const pair = fc.tuple(
			fc.constantFrom(...keys, "timestamp", "constructor"),
			fc.oneof({ weight: 30, arbitrary: sent }, { weight: 1, arbitrary: strange }),
		);
		let read = 0;
		fc.assert(
			fc.property(fc.array(pair, { maxLength: 2 }), (pairs) => {
				const whole = right(name);
				const values: Record<string, unknown> = Object.assign(Object.create(null), whole);
				for (const [key, value] of pairs) values[key] = value;
				const expected = v.safeParse(plain, values);
				const given = v.safeParse(schema as v.GenericSchema, values);
				expect(given.success).toBe(expected.success);
				expect(given.output).toStrictEqual(expected.output);
				expect(given.issues?.map(shown)).toEqual(expected.issues?.map(shown));
				read += expected.success ? 1 : 0;
			}),
			{ numRuns: 1_000 },
		);
		expect(read).toBeGreaterThan(200);
	});
}

function shown(issue: v.BaseIssue<unknown>): unknown {
	return [issue.message, issue.path?.map(({ key }) => key)];
}

/** A call as it is usually sent. */
function right(name: string): Record<string, string> {
	const order = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC" };
	const numbers = { quantity: "0.001", price: "60000.01" };
	if (name === "cancelReplaceParams") {
		return { ...order, ...numbers, cancelReplaceMode: "STOP_ON_FAILURE", cancelOrderId: "5" };
	}
	if (name === "amendOrderParams") return { symbol: "BTCUSDT", orderId: "5", newQty: "0.5" };
	if (name.endsWith("rderParams") && name !== "cancelOrderParams" && name !== "queryOrderParams") {
		return { ...order, ...numbers };
	}
	return { symbol: "BTCUSDT", orderId: "5" };
}
