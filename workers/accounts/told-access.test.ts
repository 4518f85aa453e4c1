import { expect, test } from "bun:test";
import type { LedgerFault } from "../../db/ledger/memory-ledger.ts";
import type { AppendFate } from "../../db/log/memory-log.ts";
import { CancelReplaceMode, CancelRestriction } from "../../schemas/order.ts";
import type { Outcome } from "../../schemas/ports/account-service.ts";
import type { ApiKey, User } from "../../schemas/ports/users.ts";
import { order, user, World } from "./testing/world.ts";

test("what the old owner was told of keys and users until its last answer, the new one knows", async () => {
	const { world, process: old } = await World.open({ exclusive: false });
	await world.deposit(old, 1, 2, 100_000n);
	const { users } = world;
	const frozen = await world.finish(users.createUser(person("a@b.c")));
	const free = await world.finish(users.createUser(person("d@e.f")));
	const key = (await world.finish(users.createKey(apiKeyOf(1))))!;
	await world.finish(users.setFrozen(free?.userId ?? 0, true));
	const successor = world.makeWorker();
	const started = successor.worker.start();
	// The ledger is loaded, the wait has begun; the old owner is linked to some edge still.
	await world.time.advance(1_000);
	await world.finish(users.revokeKey(1, key.keyId));
	await world.finish(users.setFrozen(frozen?.userId ?? 0, true));
	await world.finish(users.setFrozen(free?.userId ?? 0, false));
	await world.finish(started);
	const { service } = successor.worker;
	const withKey = { ...user(1), keyId: key.keyId, keyGeneration: 1 };
	expect(await world.refusal(service.placeOrder(withKey, order()))).toBe("keyRevoked");
	const isFrozen = async (userId = 0) => (await world.value(service.account(userId))).frozen;
	expect([await isFrozen(frozen?.userId), await isFrozen(free?.userId)]).toEqual([true, false]);
});

test("who may have been succeeded is not told that a key is revoked: nobody would know", async () => {
	let away = false;
	const { world, process } = await World.open({
		ledgerFault: (): LedgerFault => (away ? "not done" : "ok"),
		appendFate: (): AppendFate => (away ? "not written" : "ok"),
	});
	const { service } = process.worker;
	await service.raiseKeyGeneration(7, 2);
	away = true;
	await world.time.advance(2_500);
	await expect(service.raiseKeyGeneration(7, 3)).rejects.toThrow("may not answer");
	await expect(service.setFrozen(1, true)).rejects.toThrow("may not answer");
	away = false;
	await world.time.advance(1_000);
	await service.raiseKeyGeneration(7, 3);
	await world.finish(process.worker.stop());
	await expect(service.raiseKeyGeneration(7, 4)).rejects.toThrow("may not answer");
});

function person(email: string): Omit<User, "userId" | "frozen"> {
	return { email, passwordHash: "", createdAtMs: 0 };
}

function apiKeyOf(userId: number): Omit<ApiKey, "keyId" | "generation" | "revoked"> {
	const texts = { apiKey: "k", material: "", label: "" };
	return { ...texts, userId, type: "hmac", scopes: ["trade"], ips: [], createdAtMs: 0 };
}

test("what waits for an order's answer is refused when its key is revoked meanwhile", async () => {
	let away = false;
	const { world, process } = await World.open({
		appendFate: (topic): AppendFate => (away && topic === "orders" ? "not written" : "ok"),
	});
	await world.deposit(process, 1, 2, 100_000n);
	const { service } = process.worker;
	const withKey = { ...user(1), keyId: 7, keyGeneration: 1 };
	away = true;
	const placed = service.placeOrder(user(1), order({ clientOrderId: "first" }));
	const first = { symbolId: 1, orderId: 0, origClientOrderId: "first" };
	const cancel = { ...first, restriction: CancelRestriction.None, clientOrderId: "x" };
	const mode = CancelReplaceMode.StopOnFailure;
	const waiting: Promise<Outcome<unknown>>[] = [
		service.cancelReplace(withKey, { cancel, mode, place: order() }),
		service.amendOrder(withKey, { ...first, newQtyLots: 5, clientOrderId: "first" }),
		service.cancelOrder(withKey, cancel),
	];
	await service.raiseKeyGeneration(7, 2);
	away = false;
	await world.value(placed);
	for (const call of waiting) expect(await world.refusal(call)).toBe("keyRevoked");
	expect(await world.value(service.openOrders(1, 1))).toHaveLength(1);
});
