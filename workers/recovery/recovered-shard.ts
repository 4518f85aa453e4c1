import { invariant } from "../../schemas/invariant.ts";
import { ExpiryReason, OrderStatus, Side } from "../../schemas/order.ts";
import { type Fill, isOpen, type OrderState } from "../../schemas/order-state.ts";
import {
	type BalanceRow,
	clearingAccount,
	EXTERNAL_ACCOUNT,
	type ExternalIdRow,
	FEE_ACCOUNT,
	type RecentClientId,
	type TransferRow,
} from "../../schemas/ports/ledger.ts";
import type { OrderLogChanges } from "../../schemas/ports/order-log.ts";
import { shardOfUser } from "../../schemas/ports/users.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { baseAmount, heldBy, quoteAmount } from "../shared/amounts.ts";
import { ended } from "../shared/order-lifecycle.ts";
import type { LostShard } from "./lost-log.ts";
import type { EndedOrder, ShardChanges, Shortage, UnknownTrade } from "./plan.ts";

interface Account {
	readonly accountId: number;
	readonly assetId: number;
	/** Available and held. */
	total: bigint;
	readonly before: BalanceRow | null;
}

export interface RecoveryMoment {
	readonly nowMs: number;
	/** By partition: the evSeq at which the recovery stands, the last before the new log's first. */
	readonly evSeqs: readonly number[];
	readonly accountShards: number;
	specOf(symbolId: number): SymbolSpec | undefined;
}

/** One shard of the ledger on its way from where it stood to where the new log begins. */
export class RecoveredShard {
	readonly shard: number;
	readonly lost: LostShard;
	private readonly moment: RecoveryMoment;
	private readonly accounts = new Map<string, Account>();
	private readonly orders = new Map<string, OrderState>();
	private readonly recentIds = new Map<string, RecentClientId>();
	private readonly externalIds: ExternalIdRow[] = [];
	private readonly transfers: TransferRow[] = [];
	private readonly lastN: number[];
	private readonly broughtOrders: number[];
	private readonly broughtFills: number[];
	private readonly endedOrders: EndedOrder[] = [];
	private readonly unanswered: OrderState[] = [];
	private readonly shortages: Shortage[] = [];

	constructor(lost: LostShard, moment: RecoveryMoment) {
		this.shard = lost.shard;
		this.lost = lost;
		this.moment = moment;
		this.lastN = moment.evSeqs.map(() => -1);
		this.broughtOrders = moment.evSeqs.map(() => 0);
		this.broughtFills = moment.evSeqs.map(() => 0);
		for (const row of lost.state.balances) {
			const { accountId, assetId } = row;
			const total = row.available + row.held;
			this.accounts.set(`${accountId}/${assetId}`, { accountId, assetId, total, before: row });
		}
		for (const order of lost.state.openOrders) this.orders.set(keyOf(order), order);
	}

	/** Its open orders, unanswered ones too. */
	open(): readonly OrderState[] {
		return [...this.orders.values()];
	}

	/** Takes what the order log has of a partition beyond the shard's own position. */
	bringForward(partition: number, changes: OrderLogChanges): void {
		const from = this.lost.evSeqs[partition] ?? 0;
		for (const order of changes.orders) {
			if (order.shard !== this.shard || order.evSeq <= from) continue;
			this.broughtOrders[partition]! += 1;
			this.replace(order);
		}
		for (const { evSeq: at, userId, origClientOrderId, clientOrderId, ts } of changes.amendments) {
			if (at <= from || !this.isMine(userId) || origClientOrderId === clientOrderId) continue;
			// Of an order that the ledger has never seen, nothing else says by which ids it went before.
			this.remember(userId, origClientOrderId, ts);
		}
		let n = 0;
		let evSeq = 0;
		const fills = changes.fills.filter((f) => f.evSeq > from && this.isMine(f.userId));
		// As the account worker numbers them: by trade, the maker's side first.
		fills.sort(
			(a, b) => a.evSeq - b.evSeq || a.tradeId - b.tradeId || Number(b.isMaker) - Number(a.isMaker),
		);
		for (const fill of fills) {
			n = fill.evSeq === evSeq ? n + 1 : 0;
			evSeq = fill.evSeq;
			const transfer = this.transferOf(fill, n);
			if (transfer === null) continue;
			this.broughtFills[partition]! += 1;
			this.post(transfer);
		}
	}

	/** Orders whose command was logged and whose answer nobody knows: they never came to be. */
	dropUnanswered(): void {
		for (const order of this.orders.values()) {
			if (order.status !== OrderStatus.Pending) continue;
			this.unanswered.push(order);
			this.orders.delete(keyOf(order));
		}
	}

	/**
	 * Deposits and withdrawals on their way: their commands were in the log, and the engine refuses none.
	 * A withdrawal may have been paid out, so its money must not become available again.
	 */
	completeFunds(): void {
		for (const row of this.lost.state.externalIds) {
			if (row.doneAtMs !== 0) continue;
			this.externalIds.push({ ...row, doneAtMs: this.moment.nowMs });
			const isDeposit = row.kind === "deposit";
			this.post({
				...this.transferAtRecovery(row.partition),
				kind: row.kind,
				accountId: row.userId,
				counterAccountId: EXTERNAL_ACCOUNT,
				...(isDeposit
					? { creditAssetId: row.assetId, creditAmount: row.amount }
					: { debitAssetId: row.assetId, debitAmount: row.amount }),
				externalId: row.externalId,
			});
		}
	}

	/**
	 * The other side of a trade of which only this shard's half is known: the venue takes its place, pays
	 * in what that side would have paid, and takes out what it would have received.
	 */
	standIn({ half }: UnknownTrade): void {
		this.post({
			...this.transferAtRecovery(half.partition),
			kind: "recovery",
			accountId: clearingAccount(half.partition),
			counterAccountId: EXTERNAL_ACCOUNT,
			debitAssetId: half.debitAssetId,
			debitAmount: half.debitAmount,
			creditAssetId: half.creditAssetId,
			creditAmount: half.creditAmount,
			symbolId: half.symbolId,
			tradeId: half.tradeId,
			orderId: half.orderId,
		});
	}

	/** Ends an open order that cannot be in the new book. */
	end(order: OrderState, why: EndedOrder["why"]): void {
		const { nowMs: ts, evSeqs } = this.moment;
		const { partition } = order;
		const stamp = { partition, ts, evSeq: evSeqs[partition] as number };
		this.endedOrders.push({
			order: ended(order, OrderStatus.Expired, ExpiryReason.None, stamp),
			why,
		});
		this.orders.delete(keyOf(order));
		if (order.clientIdGiven) this.remember(order.userId, order.clientOrderId, ts);
	}

	/**
	 * A partition that is known further than another may spend what the other brought: the youngest orders
	 * that hold the asset end until nobody is short of it, and what is still short the venue pays in.
	 */
	coverShortages(): void {
		for (const { accountId: userId, assetId, total } of this.overspent()) {
			const holding = [...this.orders.values()]
				.filter((order) => order.userId === userId && order.holdAssetId === assetId)
				.sort((a, b) => a.createdAtMs - b.createdAtMs || a.orderId - b.orderId);
			let held = holding.reduce((sum, order) => sum + order.heldAmount, 0n);
			for (let last = holding.pop(); last !== undefined && held > total; last = holding.pop()) {
				this.end(last, "its hold is not covered");
				held -= last.heldAmount;
			}
			if (total < 0n) this.payIn({ userId, assetId, amount: -total });
		}
	}

	/** By asset: what its clearing account of a partition has. */
	clearing(partition: number): ReadonlyMap<number, bigint> {
		const accounts = [...this.accounts.values()];
		const ours = accounts.filter(({ accountId }) => accountId === clearingAccount(partition));
		return new Map(ours.map(({ assetId, total }) => [assetId, total]));
	}

	/** Everything that is to be written, and told. */
	changes(): ShardChanges {
		const { evSeqs } = this.moment;
		const openOrders = [...this.orders.values()].map((order) => ({
			...order,
			evSeq: evSeqs[order.partition] as number,
		}));
		const closedOrders = this.lost.state.openOrders
			.filter((order) => !this.orders.has(keyOf(order)))
			.map(({ partition, seq }) => ({ partition, seq }));
		const { transfers, externalIds } = this;
		return {
			balances: this.balances(),
			...{ openOrders, closedOrders, transfers, externalIds },
			recentClientIds: [...this.recentIds.values()],
			...{ broughtOrders: this.broughtOrders, broughtFills: this.broughtFills },
			...{ ended: this.endedOrders, unanswered: this.unanswered, shortages: this.shortages },
		};
	}

	/** Users' accounts that have less than their orders hold. */
	private overspent(): Account[] {
		const held = this.heldAmounts();
		const isShort = ([key, { accountId, total }]: [string, Account]) =>
			accountId > 0 && total < (held.get(key) ?? 0n);
		return [...this.accounts].filter(isShort).map(([, account]) => account);
	}

	private payIn(shortage: Shortage): void {
		this.shortages.push(shortage);
		this.post({
			...this.transferAtRecovery(this.shard % this.moment.evSeqs.length),
			kind: "recovery",
			accountId: shortage.userId,
			counterAccountId: EXTERNAL_ACCOUNT,
			creditAssetId: shortage.assetId,
			creditAmount: shortage.amount,
		});
	}

	/** By account: what its open orders hold. */
	private heldAmounts(): ReadonlyMap<string, bigint> {
		const held = new Map<string, bigint>();
		for (const { userId, holdAssetId, heldAmount } of this.orders.values()) {
			const key = `${userId}/${holdAssetId}`;
			held.set(key, (held.get(key) ?? 0n) + heldAmount);
		}
		return held;
	}

	private isMine(userId: number): boolean {
		return shardOfUser(userId, this.moment.accountShards) === this.shard;
	}

	private replace(order: OrderState): void {
		const key = keyOf(order);
		const before = this.orders.get(key);
		const spec = this.moment.specOf(order.symbolId);
		const ids = new Set([before?.clientIdGiven ? before.clientOrderId : "", order.clientOrderId]);
		if (isOpen(order.status)) {
			ids.delete(order.clientOrderId);
			// Its symbol is unknown: it cannot be put back, and holds nothing.
			const heldAmount = spec === undefined ? 0n : heldBy(spec, order);
			this.orders.set(key, { ...order, heldAmount });
			this.account(order.userId, order.holdAssetId);
		} else {
			this.orders.delete(key);
			if (!order.clientIdGiven) ids.delete(order.clientOrderId);
		}
		for (const id of ids) if (id !== "") this.remember(order.userId, id, order.updatedAtMs);
	}

	private transferOf(fill: Fill, n: number): TransferRow | null {
		const spec = this.moment.specOf(fill.symbolId);
		if (spec === undefined) return null;
		const buys = fill.side === Side.Buy;
		const quote = quoteAmount(spec, fill.priceTicks, fill.qtyLots);
		const base = baseAmount(spec, fill.qtyLots);
		return {
			kind: "fill",
			partition: fill.partition,
			evSeq: fill.evSeq,
			n,
			accountId: fill.userId,
			counterAccountId: clearingAccount(fill.partition),
			debitAssetId: buys ? spec.quote.assetId : spec.base.assetId,
			debitAmount: buys ? quote : base,
			creditAssetId: buys ? spec.base.assetId : spec.quote.assetId,
			creditAmount: buys ? base : quote,
			feeAmount: fill.feeAmount,
			symbolId: fill.symbolId,
			tradeId: fill.tradeId,
			orderId: fill.orderId,
			externalId: "",
			ts: fill.ts,
		};
	}

	/** The bare form of a transfer of the recovery's own. */
	private transferAtRecovery(partition: number) {
		this.lastN[partition]! += 1;
		return {
			partition,
			evSeq: this.moment.evSeqs[partition] as number,
			n: this.lastN[partition] as number,
			...{ debitAssetId: 0, debitAmount: 0n, creditAssetId: 0, creditAmount: 0n },
			...{ feeAmount: 0n, symbolId: 0, tradeId: 0, orderId: 0, externalId: "" },
			ts: this.moment.nowMs,
		};
	}

	private post(row: TransferRow): void {
		this.transfers.push(row);
		// What the outside is owed is kept positive: it grows with what comes in.
		const sign = row.counterAccountId === EXTERNAL_ACCOUNT ? -1n : 1n;
		this.add(row.accountId, row.debitAssetId, -row.debitAmount);
		this.add(row.counterAccountId, row.debitAssetId, sign * row.debitAmount);
		this.add(row.accountId, row.creditAssetId, row.creditAmount - row.feeAmount);
		this.add(row.counterAccountId, row.creditAssetId, -sign * row.creditAmount);
		this.add(FEE_ACCOUNT, row.creditAssetId, row.feeAmount);
	}

	private add(accountId: number, assetId: number, amount: bigint): void {
		if (amount !== 0n) this.account(accountId, assetId).total += amount;
	}

	private account(accountId: number, assetId: number): Account {
		const key = `${accountId}/${assetId}`;
		const account = this.accounts.get(key) ?? { accountId, assetId, total: 0n, before: null };
		this.accounts.set(key, account);
		return account;
	}

	private remember(userId: number, clientOrderId: string, finishedAtMs: number): void {
		const key = `${userId}/${clientOrderId}`;
		const before = this.recentIds.get(key)?.finishedAtMs ?? 0;
		const latest = Math.max(before, finishedAtMs);
		this.recentIds.set(key, { userId, clientOrderId, finishedAtMs: latest });
	}

	private balances(): BalanceRow[] {
		const held = this.heldAmounts();
		const rows: BalanceRow[] = [];
		for (const [key, { accountId, assetId, total, before }] of this.accounts) {
			const holds = held.get(key) ?? 0n;
			invariant(
				accountId < 0 || total >= holds,
				`user ${accountId} would have ${total} of asset ${assetId}, and hold ${holds}`,
			);
			const row = { accountId, assetId, available: total - holds, held: holds };
			if (before?.available !== row.available || before.held !== row.held) rows.push(row);
		}
		return rows;
	}
}

function keyOf({ partition, seq }: { readonly partition: number; readonly seq: number }): string {
	return `${partition}/${seq}`;
}
