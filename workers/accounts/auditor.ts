import {
	type Check,
	checkBalances,
	checkOrders,
	type Finding,
	lineOf,
	sums,
	textOf,
} from "./audit.ts";
import type { Balance } from "./balances.ts";
import type { AccountState } from "./state.ts";
import type { Total } from "./total.ts";
import type { Tracked } from "./tracked.ts";

/** So many faults are told one by one; where more is wrong, these say enough. */
const MOST_FAULTS = 100;

/**
 * Goes round a running shard, some rows at a time, and holds what it sees to the invariants. What it finds
 * stops the shard's withdrawals until the operator lets them go on.
 */
export class Auditor {
	private readonly state: AccountState;
	/** Balances and open orders of one look, and orders of one look. */
	private readonly rows: number;
	private accounts: ReturnType<AccountState["balances"]["byAccount"]>;
	private orders: IterableIterator<Tracked>;
	private total: Total;
	private roundsDone = 0;
	/** Found and not accepted, by what is wrong and by how much. */
	private readonly found = new Map<string, Finding>();
	/** What the operator has seen and let pass. */
	private readonly accepted = new Set<string>();

	constructor(state: AccountState, rows: number) {
		this.state = state;
		this.rows = rows;
		this.accounts = state.balances.byAccount();
		this.orders = state.orders.all();
		this.total = state.balances.beginCount();
	}

	get withdrawalsStopped(): boolean {
		return this.found.size > 0;
	}

	/** How often it has been round all accounts. */
	get rounds(): number {
		return this.roundsDone;
	}

	/** What stops withdrawals. */
	findings(): readonly Finding[] {
		return [...this.found.values()];
	}

	/** Looks at the next rows, between two answers; gives what it had not found before. */
	look(): readonly Finding[] {
		return [...this.nextAccounts(), ...this.nextOrders()].flatMap((check) => this.newIn(check));
	}

	/**
	 * What is known to be wrong stops withdrawals no more, until it is wrong by another amount.
	 *
	 * @param seen in lines: what was found since somebody looked is not let pass
	 */
	resume(seen: readonly string[]): void {
		for (const [key, finding] of this.found) {
			if (!seen.includes(lineOf(finding))) continue;
			this.accepted.add(key);
			this.found.delete(key);
		}
	}

	private nextAccounts(): readonly Check[] {
		const balances: Balance[] = [];
		const open: Tracked[] = [];
		while (balances.length + open.length < this.rows) {
			const next = this.accounts.next();
			if (next.done === true) return [...checkBalances(this.state, balances, open), this.ended()];
			const [accountId, ofAccount] = next.value;
			for (const balance of ofAccount.values()) {
				this.state.balances.count(balance);
				balances.push(balance);
			}
			open.push(...this.state.orders.openOf(accountId, 0));
		}
		return checkBalances(this.state, balances, open);
	}

	/** All money has been counted: the round ends, and another begins. */
	private ended(): Check {
		const check = sums(this.total);
		this.total = this.state.balances.beginCount();
		this.accounts = this.state.balances.byAccount();
		this.roundsDone += 1;
		return check;
	}

	private nextOrders(): readonly Check[] {
		const orders: Tracked[] = [];
		while (orders.length < this.rows) {
			const next = this.orders.next();
			if (next.done === true) {
				this.orders = this.state.orders.all();
				break;
			}
			orders.push(next.value);
		}
		return checkOrders(this.state, orders);
	}

	private newIn({ invariant, says, faults }: Check): readonly Finding[] {
		const fresh: Finding[] = [];
		for (const fault of faults) {
			const key = `${invariant} ${fault.of} ${fault.off}`;
			if (this.found.has(key) || this.accepted.has(key)) continue;
			if (this.found.size === MOST_FAULTS) break;
			const finding = { invariant, says, fault: textOf(fault) };
			this.found.set(key, finding);
			fresh.push(finding);
		}
		return fresh;
	}
}
