import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Users } from "../schemas/ports/users.ts";
import { ApiError } from "./api-error.ts";
import { inputSchema } from "./openapi/json-schema.ts";
import { operations } from "./operations.ts";
import { call, fakeServices, refused } from "./testing/ops-fakes.ts";

/** Whatever is sent, a call answers, or says what is wrong with a 4xx: never with a fault of ours. */

const no = () => refused({ reason: "unknownOrder" });
const SERVICES = fakeServices({
	account: {
		placeOrder: no,
		cancelOrder: no,
		cancelReplace: no,
		amendOrder: no,
		cancelAll: no,
		account: no,
		openOrders: no,
		findOrder: no,
		recentOrders: no,
		fundsHistory: no,
		orderCounts: no,
	},
	marketData: {
		depth: async () => ({ lastUpdateId: 1, bids: [], asks: [] }),
		trades: async () => [],
		aggTrades: async () => [],
		klines: async () => [],
	},
	services: {
		listenKeys: {
			create: async () => "k",
			extend: async () => false,
			close: async () => false,
			closeOf: async () => {},
			userOf: async () => null,
		},
		users: { keyByText: async () => null } as Partial<Users> as Users,
	},
});

/** Plausible words mixed with anything at all. */
const value = fc.oneof(
	fc.constantFrom(
		"BTCUSDT",
		"ETHBTC",
		"BUY",
		"SELL",
		"LIMIT",
		"MARKET",
		"STOP_LOSS_LIMIT",
		"LIMIT_MAKER",
		"GTC",
		"IOC",
		"1m",
		"1M",
		"1d",
		"true",
		"STOP_ON_FAILURE",
		'["BTCUSDT"]',
		'["\\u0000"]',
		"0",
		"1",
		"0.001",
		"60000",
		"59999.99",
		"9".repeat(20),
		"99999999999999999999.99999999999999999999",
		"9007199254740993",
		"__proto__",
	),
	fc.string(),
	fc.double().map(String),
	fc.bigInt().map(String),
);

const names = [
	...new Set(operations.flatMap((o) => Object.keys(inputSchema(o.params).properties ?? {}))),
	"constructor",
	"toString",
];

test("no call fails by a fault of its own", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom(...operations),
			fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 12 }),
			fc.boolean(),
			async (operation, params, likely) => {
				const sent = likely ? { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", ...params } : params;
				try {
					await call(SERVICES, operation, sent);
				} catch (error) {
					expect(error).toBeInstanceOf(ApiError);
					expect((error as ApiError).status).toBeWithin(400, 500);
					expect((error as ApiError).message).not.toContain("%s");
				}
			},
		),
		{ numRuns: 3_000 },
	);
});
