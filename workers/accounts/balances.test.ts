import { describe, expect, test } from "bun:test";
import { InvariantViolation } from "../../schemas/invariant.ts";
import {
	clearingAccount,
	EXTERNAL_ACCOUNT,
	FEE_ACCOUNT,
	isNegative,
} from "../../schemas/ports/ledger.ts";
import { Balances } from "./balances.ts";

const USDT = 2;
const USER = 7;

function funded(available: bigint, held = 0n) {
	const balances = new Balances();
	balances.load({ accountId: USER, assetId: USDT, available, held });
	return { balances, balance: balances.of(USER, USDT) };
}

const touchedIds = (balances: Balances) => balances.touched().map(({ accountId }) => accountId);

test("money that moves between available and held stays the same sum; what is spent is gone", () => {
	const { balances, balance } = funded(100n);
	balances.hold(balance, 60n);
	expect(balance).toMatchObject({ available: 40n, held: 60n });
	balances.release(balance, 10n);
	expect(balance).toMatchObject({ available: 50n, held: 50n });
	balances.spendHeld(balance, 50n);
	expect(balance).toMatchObject({ available: 50n, held: 0n });
	balances.credit(balance, 5n);
	expect(balances.available(USER, USDT)).toBe(55n);
	expect(balances.available(USER, 9)).toBe(0n);
	expect(balances.available(8, USDT)).toBe(0n);
});

test("no more is released or spent than is held, and no user is debited", () => {
	const { balances, balance } = funded(100n, 10n);
	expect(() => balances.release(balance, 11n)).toThrow(InvariantViolation);
	expect(() => balances.spendHeld(balance, 11n)).toThrow(InvariantViolation);
	expect(() => balances.credit(balance, -1n)).toThrow(InvariantViolation);
	balances.credit(balances.of(clearingAccount(0), USDT), -1n);
	expect(balances.available(clearingAccount(0), USDT)).toBe(-1n);
	// All that is held may go.
	balances.release(balance, 10n);
	expect(balance).toMatchObject({ available: 110n, held: 0n });
});

describe("what goes to the ledger", () => {
	test("what was loaded is not written back; what changed is, once", () => {
		const { balances, balance } = funded(100n);
		expect(balances.isDirty()).toBe(false);
		balances.hold(balance, 60n);
		balances.release(balance, 10n);
		expect(balances.isDirty()).toBe(true);
		const row = { accountId: USER, assetId: USDT, available: 50n, held: 50n };
		expect(balances.takeDirty()).toEqual([row]);
		expect(balances.isDirty()).toBe(false);
		expect(balances.takeDirty()).toEqual([]);
		balances.spendHeld(balance, 50n);
		expect(balances.takeDirty()).toEqual([{ ...row, held: 0n }]);
	});

	test("a movement of nothing changes nothing", () => {
		const { balances, balance } = funded(100n);
		balances.beginTouching();
		balances.release(balance, 0n);
		balances.credit(balance, 0n);
		expect(balances.isDirty()).toBe(false);
		expect(touchedIds(balances)).toEqual([]);
	});

	test("a hold that the log may not have is still available there, and is written once it has", () => {
		const { balances, balance } = funded(100n);
		balances.hold(balance, 60n);
		balances.addUnlogged(balance, 60n);
		const row = { accountId: USER, assetId: USDT, available: 100n, held: 0n };
		expect(balances.takeDirty()).toEqual([row]);
		balances.removeUnlogged(balance, 60n);
		expect(balances.takeDirty()).toEqual([{ ...row, available: 40n, held: 60n }]);
	});
});

describe("what an answer touched", () => {
	test("each balance once, in the order of its first change; the next answer begins anew", () => {
		const { balances, balance } = funded(100n);
		const fees = balances.of(FEE_ACCOUNT, USDT);
		balances.beginTouching();
		balances.hold(balance, 10n);
		balances.credit(fees, 1n);
		balances.spendHeld(balance, 10n);
		expect(touchedIds(balances)).toEqual([USER, FEE_ACCOUNT]);
		balances.beginTouching();
		expect(touchedIds(balances)).toEqual([]);
		balances.credit(fees, 1n);
		expect(touchedIds(balances)).toEqual([FEE_ACCOUNT]);
	});

	test("one that is only shown is reported, and not written", () => {
		const { balances, balance } = funded(100n);
		balances.beginTouching();
		balances.show(balance);
		balances.show(balance);
		expect(touchedIds(balances)).toEqual([USER]);
		expect(balances.isDirty()).toBe(false);
	});

	test("a negative one among them is found", () => {
		const { balances, balance } = funded(100n);
		balances.beginTouching();
		balances.hold(balance, 101n);
		expect(() => balances.checkTouched()).toThrow(`account ${USER} has -1 of asset ${USDT}`);
		balances.beginTouching();
		balances.checkTouched();
		balances.credit(balances.of(clearingAccount(3), USDT), -5n);
		balances.checkTouched();
	});
});

test.each([
	[USER, 0n, 0n, false],
	[USER, -1n, 0n, true],
	[USER, 5n, -1n, true],
	[FEE_ACCOUNT, -1n, 0n, true],
	[EXTERNAL_ACCOUNT, -1n, 0n, false],
	[EXTERNAL_ACCOUNT, 0n, -1n, true],
	[clearingAccount(0), -1n, 0n, false],
	[clearingAccount(5), -1n, 0n, false],
	[clearingAccount(0), 0n, -1n, true],
] as const)(
	"account %p with %p available and %p held is negative: %p",
	(accountId, available, held, negative) => {
		const balances = new Balances();
		balances.load({ accountId, assetId: USDT, available, held });
		expect(isNegative(balances.of(accountId, USDT))).toBe(negative);
	},
);

test("a user sees all of the own balances, and nobody else's", () => {
	const { balances } = funded(100n, 3n);
	balances.credit(balances.of(USER, 1), 4n);
	balances.credit(balances.of(8, USDT), 9n);
	expect(balances.linesOf(USER)).toEqual([
		{ assetId: USDT, available: 100n, held: 3n },
		{ assetId: 1, available: 4n, held: 0n },
	]);
	expect(balances.linesOf(99)).toEqual([]);
	expect([...balances.all()].map(({ accountId, assetId }) => `${accountId}/${assetId}`)).toEqual([
		"7/2",
		"7/1",
		"8/2",
	]);
});
