import { InvariantViolation } from "../../schemas/invariant.ts";
import { type BalanceRow, isNegative } from "../../schemas/ports/ledger.ts";
import type { BalanceLine } from "../../schemas/user-event.ts";
import { Total } from "./total.ts";

/** One account's money in one asset, in smallest units. Changed through `Balances` only. */
export interface Balance {
	readonly accountId: number;
	readonly assetId: number;
	available: bigint;
	held: bigint;
	/** Part of `held` whose command the log may not have: the ledger still sees it as available. */
	unlogged: bigint;
	/** Differs from what was last copied for the ledger. */
	dirty: boolean;
	/** The last answer that touched it; see `Balances.touched`. */
	stamp: number;
	/** The last count that has it; see `Balances.count`. */
	counted: number;
}

/** All balances of a shard: its users' and its system accounts' (negative ids). */
export class Balances {
	private readonly accounts = new Map<number, Map<number, Balance>>();
	private dirty: Balance[] = [];
	private stamp = 1;
	private touchedNow: Balance[] = [];
	private counting = 0;
	private total = new Total();

	/** As the ledger has it: not dirty. */
	load(row: BalanceRow): void {
		const balance = this.of(row.accountId, row.assetId);
		balance.available = row.available;
		balance.held = row.held;
	}

	/** The balance, made when it is new. */
	of(accountId: number, assetId: number): Balance {
		let account = this.accounts.get(accountId);
		if (account === undefined) {
			account = new Map();
			this.accounts.set(accountId, account);
		}
		let balance = account.get(assetId);
		if (balance === undefined) {
			balance = newBalance(accountId, assetId, this.counting);
			account.set(assetId, balance);
		}
		return balance;
	}

	/** What can be spent now; 0 when there is no such balance. */
	available(accountId: number, assetId: number): bigint {
		return this.accounts.get(accountId)?.get(assetId)?.available ?? 0n;
	}

	/** Available becomes held. Whether it is enough was looked at before, or is replay's to say. */
	hold(balance: Balance, amount: bigint): void {
		balance.available -= amount;
		balance.held += amount;
		this.touch(balance);
	}

	/** Held becomes available. */
	release(balance: Balance, amount: bigint): void {
		if (amount === 0n) return;
		if (balance.held < amount) throw holdsTooLittle(balance, "releases");
		balance.held -= amount;
		balance.available += amount;
		this.touch(balance);
	}

	/** Held leaves the account. */
	spendHeld(balance: Balance, amount: bigint): void {
		if (balance.held < amount) throw holdsTooLittle(balance, "spends");
		balance.held -= amount;
		this.changed(balance, -amount);
		this.touch(balance);
	}

	/** Available grows; by less than nothing for a system account only. */
	credit(balance: Balance, amount: bigint): void {
		if (amount === 0n) return;
		if (amount < 0n && balance.accountId >= 0) {
			throw new InvariantViolation(`account ${balance.accountId} is debited`);
		}
		balance.available += amount;
		this.changed(balance, amount);
		this.touch(balance);
	}

	/** A hold whose command is not surely in the log. */
	addUnlogged(balance: Balance, amount: bigint): void {
		balance.unlogged += amount;
	}

	/** The log has that hold: from here on the ledger may see it. */
	removeUnlogged(balance: Balance, amount: bigint): void {
		balance.unlogged -= amount;
		this.touch(balance);
	}

	/** Begins a new answer: `touched` is empty. */
	beginTouching(): void {
		this.stamp += 1;
		this.touchedNow = [];
	}

	/** Reports it in `touched`, though it does not change. */
	show(balance: Balance): void {
		if (balance.stamp === this.stamp) return;
		balance.stamp = this.stamp;
		this.touchedNow.push(balance);
	}

	/** Balances changed (or shown) since `beginTouching`, in the order of their first change. */
	touched(): readonly Balance[] {
		return this.touchedNow;
	}

	/** @throws InvariantViolation when a touched account is negative that may not owe */
	checkTouched(): void {
		for (const balance of this.touchedNow) {
			if (!isNegative(balance)) continue;
			const { accountId, available, assetId } = balance;
			throw new InvariantViolation(`account ${accountId} has ${available} of asset ${assetId}`);
		}
	}

	/** A user's balances. */
	linesOf(accountId: number): BalanceLine[] {
		const account = this.accounts.get(accountId);
		if (account === undefined) return [];
		return [...account.values()].map(({ assetId, available, held }) => ({
			assetId,
			available,
			held,
		}));
	}

	isDirty(): boolean {
		return this.dirty.length > 0;
	}

	/** Copies what changed, without holds the log may not have, and marks it clean. */
	takeDirty(): BalanceRow[] {
		const rows = this.dirty.map((b) => {
			b.dirty = false;
			return {
				accountId: b.accountId,
				assetId: b.assetId,
				available: b.available + b.unlogged,
				held: b.held - b.unlogged,
			};
		});
		this.dirty = [];
		return rows;
	}

	*all(): IterableIterator<Balance> {
		for (const account of this.accounts.values()) yield* account.values();
	}

	/** Every account with its balances, also those that come while it is gone through by and by. */
	byAccount(): IterableIterator<[accountId: number, balances: ReadonlyMap<number, Balance>]> {
		return this.accounts.entries();
	}

	/**
	 * Begins to count all money by and by, while it moves: what `count` has seen is followed from then on.
	 * When every balance has been counted, the sums are those of that moment.
	 */
	beginCount(): Total {
		this.counting += 1;
		this.total = new Total();
		return this.total;
	}

	count(balance: Balance): void {
		if (balance.counted === this.counting) return;
		balance.counted = this.counting;
		this.total.add(balance, balance.available + balance.held);
	}

	private changed(balance: Balance, amount: bigint): void {
		if (balance.counted === this.counting) this.total.add(balance, amount);
	}

	private touch(balance: Balance): void {
		if (!balance.dirty) {
			balance.dirty = true;
			this.dirty.push(balance);
		}
		this.show(balance);
	}
}

function holdsTooLittle({ accountId }: Balance, does: string): InvariantViolation {
	return new InvariantViolation(`account ${accountId} holds less than it ${does}`);
}

function newBalance(accountId: number, assetId: number, counted: number): Balance {
	return {
		accountId,
		assetId,
		available: 0n,
		held: 0n,
		unlogged: 0n,
		dirty: false,
		stamp: 0,
		counted,
	};
}
