import { expect, test } from "bun:test";
import type { FundsHistoryRequest } from "../../schemas/ports/account-service.ts";
import { call, errorOf, fakeServices, NOW_MS, ok, refused } from "../testing/ops-fakes.ts";
import { depositHistory } from "./deposit-history.ts";
import { withdrawHistory } from "./withdraw-history.ts";

const DAY_MS = 86_400_000;

/** What the account worker is asked for these parameters; null when it is not. */
async function asked(operation: typeof depositHistory | typeof withdrawHistory, params: object) {
	let request: FundsHistoryRequest | null = null;
	const services = fakeServices({
		account: {
			fundsHistory(userId, given) {
				expect(userId).toBe(7);
				request = given;
				return ok([{ assetId: 1, amount: 5n, externalId: "a", doneAtMs: NOW_MS }]);
			},
		},
	});
	const { body } = await call(services, operation as never, { ...params });
	return { request: request as FundsHistoryRequest | null, rows: (body as unknown[]).length };
}

test("without parameters: the last thousand of the last 90 days", async () => {
	const range = { assetId: 0, externalIds: [], offset: 0, limit: 1_000 };
	const days = { startMs: NOW_MS - 90 * DAY_MS, endMs: NOW_MS };
	const { request } = await asked(depositHistory, {});
	expect(request).toEqual({ kind: "deposit", ...range, ...days });
	const other = await asked(withdrawHistory, { coin: "USDT", offset: "3", limit: "5000" });
	expect(other.request).toMatchObject({ kind: "withdrawal", assetId: 3, offset: 3, limit: 1_000 });
});

test("a window is at most 90 days, from where it is said to begin or end", async () => {
	const windowOf = async (params: object) => {
		const { request } = await asked(depositHistory, params);
		return [request?.startMs, request?.endMs];
	};
	const ago = NOW_MS - 200 * DAY_MS;
	const whole = { startTime: String(ago), endTime: String(ago + 90 * DAY_MS) };
	expect(await windowOf(whole)).toEqual([ago, ago + 90 * DAY_MS]);
	expect(await windowOf({ endTime: String(ago) })).toEqual([ago - 90 * DAY_MS, ago]);
	expect(await windowOf({ startTime: String(NOW_MS - 5) })).toEqual([NOW_MS - 5, NOW_MS]);
	expect(await windowOf({ startTime: String(NOW_MS + 5) })).toEqual([NOW_MS + 5, NOW_MS + 5]);
	expect(await windowOf({ endTime: "5" })).toEqual([0, 5]);
	for (const [params, code] of [
		[{ startTime: String(ago) }, -1127],
		[{ startTime: String(ago), endTime: String(ago + 90 * DAY_MS + 1) }, -1127],
		[{ startTime: "5", endTime: "4" }, -1128],
		[{ limit: "0" }, -1130],
		[{ offset: "-1" }, -1100],
	] as const) {
		expect(await errorOf(asked(depositHistory, params))).toMatchObject({ code });
	}
});

test("what nothing can match is nothing", async () => {
	expect(await asked(depositHistory, { coin: "NOPE" })).toEqual({ request: null, rows: 0 });
	for (const [operation, params, rows] of [
		[depositHistory, { status: "1" }, 1],
		[depositHistory, { status: "0" }, 0],
		[withdrawHistory, { status: "6" }, 1],
		[withdrawHistory, { status: "1" }, 0],
		[withdrawHistory, { withdrawOrderId: "mine" }, 0],
	] as const) {
		expect((await asked(operation, params)).rows).toBe(rows);
	}
});

test("by the ids that they have outside", async () => {
	const deposits = await asked(depositHistory, { txId: "wire-77" });
	expect(deposits.request?.externalIds).toEqual(["wire-77"]);
	const withdrawals = await asked(withdrawHistory, { idList: "a,b" });
	expect(withdrawals.request?.externalIds).toEqual(["a", "b"]);
	const tooMany = asked(withdrawHistory, { idList: "a,".repeat(45) });
	expect(await errorOf(tooMany)).toMatchObject({ code: -1128 });
});

test("while withdrawals are stopped, none is told as done", async () => {
	const fundsHistory = () => refused({ reason: "withdrawalsStopped" });
	const services = fakeServices({ account: { fundsHistory } });
	expect(await errorOf(call(services, withdrawHistory, {}))).toMatchObject({ code: -4019 });
});
