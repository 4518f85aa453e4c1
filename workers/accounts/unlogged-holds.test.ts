import { expect, test } from "bun:test";
import { Balances } from "./balances.ts";
import { UnloggedHolds } from "./unlogged-holds.ts";

function holding() {
	const balances = new Balances();
	balances.load({ accountId: 7, assetId: 2, available: 100n, held: 0n });
	const balance = balances.of(7, 2);
	const holds = new UnloggedHolds(balances, 2);
	const hold = (partition: number, seq: number, amount: bigint) => {
		balances.hold(balance, amount);
		holds.add(partition, seq, balance, amount);
	};
	/** What the ledger would see as held. */
	const seen = () => balance.held - balance.unlogged;
	return { balances, balance, holds, hold, seen };
}

test("the ledger sees a hold when the log has its command, and those before it", () => {
	const { holds, hold, seen } = holding();
	hold(0, 1, 1n);
	hold(0, 2, 10n);
	hold(0, 3, 50n);
	expect(seen()).toBe(0n);
	holds.loggedUpTo(0, 2);
	expect(seen()).toBe(11n);
	expect(holds.loggedSeq(0)).toBe(2);
	// What is heard late says nothing new.
	holds.loggedUpTo(0, 1);
	expect([holds.loggedSeq(0), seen()]).toEqual([2, 11n]);
	holds.loggedUpTo(0, 3);
	expect(seen()).toBe(61n);
});

test("each partition has its own log", () => {
	const { holds, hold, seen } = holding();
	hold(0, 1, 1n);
	hold(1, 1, 10n);
	holds.loggedUpTo(1, 5);
	expect([holds.loggedSeq(0), holds.loggedSeq(1), seen()]).toEqual([0, 5, 10n]);
});

test("a balance is written again when the log has its hold; a hold of nothing is none", () => {
	const { balances, holds, hold } = holding();
	hold(0, 1, 10n);
	balances.takeDirty();
	hold(0, 2, 0n);
	balances.takeDirty();
	holds.loggedUpTo(0, 1);
	expect(balances.takeDirty()).toEqual([{ accountId: 7, assetId: 2, available: 90n, held: 10n }]);
	holds.loggedUpTo(0, 2);
	expect(balances.isDirty()).toBe(false);
});
