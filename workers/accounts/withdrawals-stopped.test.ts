import { expect, test } from "bun:test";
import { InvariantViolation } from "../../schemas/invariant.ts";
import type { FundsRequest } from "../../schemas/ports/account-service.ts";
import type { LogFields, Logger } from "../../schemas/ports/logger.ts";
import { order, type Process, user, World } from "./testing/world.ts";

const USDT = 2;
/** The auditor has been round twice: once may have begun before. */
const ROUNDS_MS = 300;
const FAULT = "asset 2: 1001 inside, 1000 owed";

function request(externalId: string, amount = 100n): FundsRequest {
	return { userId: 1, assetId: USDT, amount, externalId };
}

/** User 1 has 1,000 units, and the worker tells its errors. */
async function open() {
	const errors: LogFields[] = [];
	const logger: Logger = {
		info() {},
		warn() {},
		error: (message, fields) => errors.push({ message, ...fields }),
	};
	const { world, process } = await World.open({ logger });
	await world.deposit(process, 1, USDT, 1_000n);
	return { world, process, errors, service: process.worker.service };
}

/** A balance in the worker's memory becomes another, as no code of the worker's makes it. */
function corrupt({ worker }: Process, isDirty = false): void {
	const balances = worker["running"]?.shard.state.balances;
	const balance = balances?.of(1, USDT);
	if (balances === undefined || balance === undefined) throw new Error("the worker does not run");
	balance.available += 1n;
	if (isDirty) balances.removeUnlogged(balance, 0n);
}

test("a broken invariant stops withdrawals, and nothing else; the operator lets them go on", async () => {
	const { world, process, errors, service } = await open();
	await world.value(service.withdraw(request("before", 10n)));
	await world.value(service.deposit(request("back", 10n)));
	expect(await world.value(service.account(1))).toMatchObject({ withdrawalsStopped: false });
	corrupt(process);
	await world.time.advance(ROUNDS_MS);
	expect(process.worker.withdrawalsStopped).toBe(true);
	const says = "users + fees + clearing = deposits - withdrawals";
	expect(errors).toEqual([
		{
			message: "an invariant is broken: withdrawals are stopped",
			...{ shard: 1, invariant: 1, says, fault: FAULT },
		},
	]);
	for (const id of ["new", "before"]) {
		expect(await world.refusal(service.withdraw(request(id, 10n)))).toBe("withdrawalsStopped");
	}
	expect(await world.balance(process, 1, USDT)).toBe("1001/0");
	await world.value(service.placeOrder(user(1), order({ qtyLots: 1, priceTicks: 1 })));
	await world.value(service.cancelAll(user(1), 1));
	await world.value(service.deposit(request("d")));
	expect(await world.value(service.account(1))).toMatchObject({ withdrawalsStopped: true });
	expect(process.worker.metrics()).toContain('castle_account_withdrawals_stopped{shard="1"} 1');
	const history = { assetId: 0, externalIds: [], startMs: 0, endMs: 2e12, offset: 0, limit: 9 };
	const withdrawals = () => service.fundsHistory(1, { ...history, kind: "withdrawal" });
	const deposits = () => service.fundsHistory(1, { ...history, kind: "deposit" });
	expect(await world.refusal(withdrawals())).toBe("withdrawalsStopped");
	expect((await world.value(deposits())).map((row) => row.externalId)).toContain("d");
	const { sampled } = await service.audit();
	expect(sampled).toMatchObject({
		withdrawalsStopped: true,
		faults: [`invariant 1 (${says}): ${FAULT}`],
	});
	expect(sampled.rounds).toBeGreaterThan(1);
	await service.resumeWithdrawals(sampled.faults);
	await world.time.advance(ROUNDS_MS);
	expect(await world.value(service.withdraw(request("before", 10n)))).toMatchObject({
		repeated: true,
	});
	await world.value(service.withdraw(request("new")));
	const told = (await world.value(withdrawals())).map((row) => row.externalId);
	expect(told).toEqual(["new", "before"]);
	expect(process.fatal).toEqual([]);
	expect(errors).toHaveLength(1);
});

test("a withdrawal on its way is not told as done: asked again when withdrawals go on, it is", async () => {
	let stalled = false;
	const { world, process } = await World.open({
		appendFate: (topic) => (stalled && topic === "trades" ? "not written" : "ok"),
	});
	await world.deposit(process, 1, USDT, 1_000n);
	const { service } = process.worker;
	stalled = true;
	const asked = service.withdraw(request("x"));
	const again = service.withdraw(request("x"));
	await world.time.advance(10);
	corrupt(process);
	await world.time.advance(ROUNDS_MS);
	stalled = false;
	expect(await world.refusal(asked)).toBe("withdrawalsStopped");
	expect(await world.refusal(again)).toBe("withdrawalsStopped");
	expect(await world.balance(process, 1, USDT)).toBe("901/0");
	await service.resumeWithdrawals((await service.audit()).sampled.faults);
	expect(await world.value(service.withdraw(request("x")))).toMatchObject({ repeated: true });
});

test("what was found after the operator had looked is not let pass with the rest", async () => {
	const { world, process, service } = await open();
	corrupt(process);
	await world.time.advance(ROUNDS_MS);
	const seen = (await service.audit()).sampled.faults;
	corrupt(process);
	await world.time.advance(ROUNDS_MS);
	await service.resumeWithdrawals(seen);
	expect(await world.refusal(service.withdraw(request("x")))).toBe("withdrawalsStopped");
	const { faults } = (await service.audit()).sampled;
	expect(faults).toEqual([expect.stringContaining("1002 inside, 1000 owed")]);
	await service.resumeWithdrawals(faults);
	await world.value(service.withdraw(request("x")));
});

test("a worker that ended, or may have been succeeded, lets nothing go on", async () => {
	const { process, service } = await open();
	process.life.alive = false;
	process.worker["end"]();
	await expect(service.resumeWithdrawals([])).rejects.toThrow("may not answer");
});

test("a fault of one process' memory ends with it; one that the ledger has keeps the next from starting", async () => {
	const { world, process } = await open();
	// The ledger has what is right.
	await world.time.advance(200);
	corrupt(process);
	await world.time.advance(ROUNDS_MS);
	expect(process.worker.withdrawalsStopped).toBe(true);
	world.kill(process);
	const next = await world.startWorker();
	expect(next.worker.withdrawalsStopped).toBe(false);
	await world.value(next.worker.service.withdraw(request("x")));
	corrupt(next, true);
	await world.time.advance(ROUNDS_MS);
	expect(next.worker.withdrawalsStopped).toBe(true);
	world.kill(next);
	const last = world.makeWorker();
	await expect(world.finish(last.worker.start())).rejects.toThrow(InvariantViolation);
});
