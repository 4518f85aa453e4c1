import { describe, expect, test } from "bun:test";
import { InvariantViolation } from "../../schemas/invariant.ts";
import type { ExternalIdRow, LedgerBatch } from "../../schemas/ports/ledger.ts";
import {
	sampleBatch,
	sampleOrder,
	samplePosition,
	samplePrices,
	sampleTransfer,
} from "./contract/ledger-samples.ts";
import { MemoryDatabase } from "./memory-database.ts";

/** One shard in epoch 1. */
function database(): MemoryDatabase {
	const made = new MemoryDatabase();
	made.raiseEpoch(1, 0);
	return made;
}

const balance = (accountId: number, assetId: number) => ({
	...{ accountId, assetId, available: 1n, held: 0n },
});
const clientId = (userId: number, clientOrderId: string, finishedAtMs = 10) => ({
	...{ userId, clientOrderId, finishedAtMs },
});
const externalId = (
	userId: number,
	kind: ExternalIdRow["kind"],
	externalId: string,
): ExternalIdRow => ({
	...{ userId, kind, externalId, assetId: 1, amount: 1n, partition: 0, seq: 1, doneAtMs: 0 },
});

test("a shard comes back in the order of its keys, whatever order it was written in", () => {
	const made = database();
	const orders = [sampleOrder(1), sampleOrder(10), sampleOrder(2, { partition: 1 })];
	const balances = [balance(-100, 2), balance(7, 1), balance(7, 2), balance(10, 1)];
	// Code units decide, as in the database: "B" before "a".
	const recentClientIds = [
		clientId(10, "z", 1),
		...[clientId(7, "B", 5), clientId(7, "a", 5), clientId(7, "b", 5), clientId(10, "A", 5)],
		clientId(7, "A", 6),
	];
	const externalIds = [
		externalId(7, "deposit", "B"),
		externalId(7, "deposit", "a"),
		externalId(7, "withdrawal", "A"),
		externalId(10, "deposit", "A"),
	];
	const positions = [samplePosition(0), samplePosition(1), samplePosition(10)];
	const prices = [samplePrices(1), samplePrices(2), samplePrices(10)];
	const rows = { openOrders: orders, balances, recentClientIds, externalIds, positions, prices };
	const backwards: Partial<LedgerBatch> = {
		openOrders: orders.toReversed(),
		balances: balances.toReversed(),
		recentClientIds: recentClientIds.toReversed(),
		externalIds: externalIds.toReversed(),
		positions: positions.toReversed(),
		prices: prices.toReversed(),
	};
	expect(made.commit(1, sampleBatch(1, 1, backwards))).toBe("committed");
	expect(made.load(1)).toMatchObject(rows);
});

describe("a batch is refused whole", () => {
	const twice: [string, Partial<LedgerBatch>][] = [
		["balance", { balances: [balance(7, 1), balance(7, 1)] }],
		["open order", { openOrders: [sampleOrder(1), sampleOrder(1)] }],
		["transfer", { transfers: [sampleTransfer(0), sampleTransfer(0)] }],
		["client id", { recentClientIds: [clientId(7, "a"), clientId(7, "a", 20)] }],
		[
			"external id",
			{ externalIds: [externalId(7, "deposit", "a"), externalId(7, "deposit", "a")] },
		],
		["position", { positions: [samplePosition(0), samplePosition(0)] }],
		["price", { prices: [samplePrices(1), samplePrices(1)] }],
	];
	test.each(twice)("that has the same %s twice", (what, rows) => {
		const made = database();
		expect(() => made.commit(1, sampleBatch(1, 1, rows))).toThrow(`the same ${what} twice`);
		expect(made.load(1).batch).toBe(0);
	});

	const negative: [string, LedgerBatch["balances"]][] = [
		["a user's available", [{ ...balance(7, 1), available: -1n }]],
		["a user's held", [{ ...balance(7, 1), held: -1n }]],
		["the fees", [{ ...balance(-1, 1), available: -1n }]],
		["what the outside holds", [{ ...balance(-2, 1), held: -1n }]],
		["what clearing holds", [{ ...balance(-100, 1), held: -1n }]],
	];
	test.each(negative)("that would make negative: %s", (_, balances) => {
		const made = database();
		const rows = { balances: [balance(8, 1), ...balances] };
		expect(() => made.commit(1, sampleBatch(1, 1, rows))).toThrow(InvariantViolation);
		expect(made.load(1).balances).toEqual([]);
	});

	test("unless it is clearing that owes, of whichever partition, or the outside", () => {
		const owing = [-2, -100, -105].map((id) => ({ ...balance(id, 1), available: -5n }));
		const made = database();
		expect(made.commit(1, sampleBatch(1, 1, { balances: owing }))).toBe("committed");
	});
});

test("rows of different keys that look alike are different rows", () => {
	const made = database();
	const rows = {
		balances: [balance(11, 1), balance(1, 11)],
		openOrders: [sampleOrder(11, { partition: 1 }), sampleOrder(1, { partition: 11 })],
		transfers: [
			sampleTransfer(1, { partition: 1, evSeq: 11 }),
			sampleTransfer(1, { partition: 11, evSeq: 1 }),
			sampleTransfer(11, { partition: 1, evSeq: 1 }),
		],
	};
	made.commit(1, sampleBatch(1, 1, rows));
	const loaded = made.load(1);
	expect([loaded.balances.length, loaded.openOrders.length, made.transfers(1).length]).toEqual([
		2, 2, 3,
	]);
	expect(made.transfers(2)).toEqual([]);
});

test("client ids that finished before the given moment go, that moment's stay", () => {
	const made = database();
	const ids = [clientId(7, "a", 29), clientId(7, "b", 30), clientId(7, "c", 31)];
	made.commit(1, sampleBatch(1, 1, { recentClientIds: ids, forgetClientIdsBeforeMs: 30 }));
	expect(made.load(1).recentClientIds).toEqual(ids.slice(1));
});
