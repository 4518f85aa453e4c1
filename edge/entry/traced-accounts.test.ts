import { expect, test } from "bun:test";
import type { AccountService, Outcome } from "../../schemas/ports/account-service.ts";
import type { LogFields } from "../../schemas/ports/logger.ts";
import { CALLER } from "../testing/ops-fakes.ts";
import { tracedAccounts } from "./traced-accounts.ts";

test("sampled commands leave a line, refused ones too; the others and reads leave none", async () => {
	const lines: LogFields[] = [];
	const logger = {
		info: (_: string, fields?: LogFields) => lines.push(fields!),
		warn() {},
		error() {},
	};
	let answer: Outcome<unknown> = { ok: false, refusal: { reason: "unknownOrder" } };
	const ask = async () => answer as Outcome<never>;
	const service = tracedAccounts(
		{
			cancelOrder: ask,
			cancelAll: ask,
			orderCounts: ask,
		} as Partial<AccountService> as AccountService,
		logger,
		10,
	);
	expect(await service.cancelAll(CALLER, 1)).toBe(answer as Outcome<never>);
	expect(lines).toEqual([]);
	for (const seq of [29, 30]) {
		answer = { ...answer, command: { partition: 0, shard: 2, epoch: 4, seq } };
		await service.cancelAll(CALLER, 1);
		await service.orderCounts(1);
	}
	expect(lines).toEqual([{ trace: "0-2-30", epoch: 4, step: "answered", ok: false }]);
	answer = { ...answer, ok: true, value: { order: { orderId: 51 } } };
	await service.cancelOrder(CALLER, {} as never);
	expect(lines[1]).toEqual({
		...{ trace: "0-2-30", orderId: 51, epoch: 4, step: "answered", ok: true },
	});
});
