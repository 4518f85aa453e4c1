import { expect, test } from "bun:test";
import type { AppendFate } from "../../db/log/memory-log.ts";
import type { FundsRequest } from "../../schemas/ports/account-service.ts";
import { order, type Process, user, World } from "./testing/world.ts";

const USDT = 2;
const MOST = 10n ** 27n;

function request(changes: Partial<FundsRequest> = {}): FundsRequest {
	return { userId: 1, assetId: USDT, amount: 100n, externalId: "x", ...changes };
}

async function open(): Promise<{ world: World; process: Process }> {
	const opened = await World.open();
	await opened.world.deposit(opened.process, 1, USDT, 1_000n);
	return opened;
}

test.each([
	["nothing", { amount: 0n }, "amountOutOfRange"],
	["less than nothing", { amount: -1n }, "amountOutOfRange"],
	["more than any asset has", { amount: MOST + 1n }, "amountOutOfRange"],
	["an asset nobody knows", { assetId: 99 }, "rejected"],
	["no id outside", { externalId: "" }, "rejected"],
	["an id that the ledger cannot keep", { externalId: "a\0b" }, "rejected"],
	["an id that would be another in the ledger", { externalId: "a\ud800" }, "rejected"],
] as const)("%s can be neither brought nor taken", async (_, changes, reason) => {
	const { world, process } = await open();
	const { service } = process.worker;
	expect(await world.refusal(service.deposit(request(changes)))).toBe(reason);
	expect(await world.refusal(service.withdraw(request(changes)))).toBe(reason);
	expect(await world.balance(process, 1, USDT)).toBe("1000/0");
});

test("as much as any asset has can be brought, and all of it taken", async () => {
	const { world, process } = await World.open();
	const { service } = process.worker;
	const deposited = await world.value(service.deposit(request({ amount: MOST })));
	expect(deposited).toMatchObject({ available: MOST, held: 0n, repeated: false });
	const withdrawn = await world.value(service.withdraw(request({ amount: MOST })));
	expect(withdrawn).toMatchObject({ available: 0n, held: 0n, repeated: false });
	expect(await world.faults(process)).toEqual([]);
});

test("a frozen user may bring and not take", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	await service.setFrozen(1, true);
	await world.value(service.deposit(request()));
	expect(await world.refusal(service.withdraw(request()))).toBe("accountFrozen");
	expect(await world.value(service.account(1))).toMatchObject({ frozen: true });
});

test("an id is good for one movement of its kind: the same again moves nothing, another is refused", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const first = await world.value(service.deposit(request()));
	await world.time.advance(5_000);
	expect(await world.value(service.deposit(request()))).toEqual({ ...first, repeated: true });
	expect(await world.refusal(service.deposit(request({ amount: 99n })))).toBe("externalIdClash");
	expect(await world.refusal(service.deposit(request({ assetId: 1 })))).toBe("externalIdClash");
	// The ids of withdrawals and of other users are their own.
	await world.value(service.withdraw(request({ amount: 1_100n })));
	await world.value(service.deposit(request({ userId: 2 })));
	expect(await world.balance(process, 1, USDT)).toBe("0/0");
	expect(await world.balance(process, 2, USDT)).toBe("100/0");
});

test("what is on its way is waited for by who asks again, and done once", async () => {
	let stalled = false;
	const { world, process } = await World.open({
		appendFate: (topic): AppendFate => (stalled && topic === "trades" ? "not written" : "ok"),
	});
	const { service } = process.worker;
	stalled = true;
	const first = service.deposit(request());
	const again = service.deposit(request());
	const other = service.deposit(request({ amount: 5n }));
	expect(await world.refusal(other)).toBe("externalIdClash");
	await world.time.advance(100);
	stalled = false;
	expect(await world.value(first)).toMatchObject({ available: 100n, repeated: false });
	expect(await world.value(again)).toMatchObject({ available: 100n, repeated: true });
	expect(world.database.load(1).externalIds).toHaveLength(1);
});

test("what a withdrawal takes is held from when it is asked for, and gone with its event", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const asked = service.withdraw(request({ amount: 1_000n }));
	expect(await world.balance(process, 1, USDT)).toBe("0/1000");
	const tooMuch = service.withdraw(request({ amount: 1n, externalId: "y" }));
	expect(await world.refusal(tooMuch)).toBe("insufficientBalance");
	await world.value(asked);
	expect(await world.balance(process, 1, USDT)).toBe("0/0");
	await world.time.advance(200);
	const [deposited] = world.database.transfers(1);
	expect(deposited).toMatchObject({
		...{ kind: "deposit", debitAssetId: 0, debitAmount: 0n, creditAssetId: USDT },
		...{ creditAmount: 1_000n, symbolId: 0, tradeId: 0, orderId: 0 },
	});
	const rows = world.database.transfers(1).filter(({ kind }) => kind === "withdrawal");
	expect(rows).toMatchObject([
		{
			...{ accountId: 1, counterAccountId: -2, debitAssetId: USDT, debitAmount: 1_000n },
			...{ creditAssetId: 0, creditAmount: 0n, feeAmount: 0n, externalId: "x", n: 0 },
			...{ symbolId: 0, tradeId: 0, orderId: 0 },
		},
	]);
});

test("movements are told to their user: a balance update, then what the balance is", async () => {
	const { world, process } = await open();
	world.events.length = 0;
	await world.value(process.worker.service.deposit(request({ amount: 5n })));
	await world.value(process.worker.service.withdraw(request({ amount: 7n })));
	await world.time.advance(1);
	const line = (available: bigint) => ({ assetId: USDT, available, held: 0n });
	expect(world.events.map(({ event }) => event)).toEqual([
		{ kind: "balanceUpdate", assetId: USDT, delta: 5n },
		{ kind: "outboundAccountPosition", balances: [line(1_005n)] },
		{ kind: "balanceUpdate", assetId: USDT, delta: -7n },
		{ kind: "outboundAccountPosition", balances: [line(998n)] },
	]);
});

test("a done withdrawal stays done over a restart, one on its way is done after it", async () => {
	let stalled = false;
	const { world, process } = await World.open({
		appendFate: (topic): AppendFate => (stalled && topic === "trades" ? "not written" : "ok"),
	});
	await world.deposit(process, 1, USDT, 1_000n);
	await world.value(process.worker.service.withdraw(request()));
	stalled = true;
	void process.worker.service.withdraw(request({ externalId: "later" }));
	await world.time.advance(300);
	world.kill(process);
	stalled = false;
	const successor = await world.startWorker();
	await world.time.advance(300);
	expect(await world.balance(successor, 1, USDT)).toBe("800/0");
	const { service } = successor.worker;
	for (const externalId of ["x", "later"]) {
		const again = await world.value(service.withdraw(request({ externalId })));
		expect(again).toMatchObject({ available: 800n, repeated: true });
	}
	expect(await world.faults(successor)).toEqual([]);
	await world.refusal(service.placeOrder(user(1), order()));
});
