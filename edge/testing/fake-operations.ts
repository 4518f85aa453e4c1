import * as v from "valibot";
import { ApiError } from "../api-error.ts";
import { type Operation, type OperationContext, operation } from "../operation.ts";
import { refusalError } from "../orders/refusals.ts";

type Run = (context: OperationContext, params: { symbol?: string }) => Promise<unknown>;

/** An order call that its account worker refuses since it was told that the key is revoked. */
export const refusedAsRevoked: Run = async (context) => {
	context.reportOutcome({ ok: false, refusal: { reason: "keyRevoked" } });
	throw refusalError("place", { reason: "keyRevoked" });
};

/** A few calls of each kind; `run` of those that trade is the test's. */
export function fakeOperations(run: Run): readonly Operation[] {
	const params = v.object({ symbol: v.optional(v.string()) });
	const common = { group: "test", summary: "test", params, result: v.unknown() };
	return [
		operation({
			...common,
			http: [{ method: "GET", path: "/api/v3/open" }],
			ws: ["open"],
			security: "none",
			weight: ({ symbol }) => (symbol === undefined ? 40 : 2),
			freeOnSuccess: false,
			run: async (_context, { symbol }) => ({ symbol: symbol ?? null, time: 1_700_000_000_000 }),
		}),
		operation({
			...common,
			http: [
				{ method: "POST", path: "/api/v3/trade" },
				{ method: "DELETE", path: "/api/v3/trade" },
			],
			ws: ["trade.do"],
			security: "trade",
			weight: () => 3,
			freeOnSuccess: true,
			run,
		}),
		operation({
			...common,
			http: [
				{ method: "GET", path: "/api/v3/mine" },
				{ method: "PUT", path: "/api/v3/mine" },
			],
			ws: ["mine"],
			security: "read",
			weight: () => 5,
			freeOnSuccess: false,
			run: async ({ caller }) => ({ userId: caller.userId }),
		}),
		operation({
			...common,
			http: [{ method: "POST", path: "/api/v3/keyed" }],
			ws: ["keyed"],
			security: "key",
			weight: () => 2,
			freeOnSuccess: false,
			run: async ({ caller, apiKey }) => ({ userId: caller.userId, apiKey }),
		}),
		operation({
			...common,
			params: v.object({
				symbol: v.string(),
				price: v.pipe(v.string(), v.maxLength(3, "-1111 Parameter '%s' has too much precision.")),
			}),
			http: [{ method: "GET", path: "/api/v3/strict" }],
			ws: [],
			security: "none",
			weight: () => 1,
			freeOnSuccess: false,
			run: async () => {
				throw new ApiError(-1121, "Invalid symbol.");
			},
		}),
	] as readonly Operation[];
}
